"""Reading a provider's letter: each sentence gets a role and its evidence, or is taken out."""

import re
from collections.abc import Iterator, Sequence

from cv.facts import Fact, facts_of
from jobs.grounding import Sentence, Verdict, check_claim
from jobs.grounding.concepts import known_and_foreign
from jobs.grounding.lexicon import ANAPHORS, DEGREES, FIRST_PERSON, SENIORITY
from jobs.grounding.quantities import quantities
from jobs.grounding.scope import scope_verbs
from jobs.grounding.tongues import TONGUES
from jobs.grounding.words import sentences, tokens
from jobs.letters.composing import context_of, unwanted_in
from jobs.letters.posting import is_about_posting, is_borne_by_posting, quote_of_posting
from jobs.letters.types import Letter, LetterInputs, RemovedClaim
from jobs.matching.types import RequirementMatch

SALUTATION = re.compile(
    r"^(?:dear|hello|hi|good (?:morning|day)|to whom|sehr geehrte|guten tag|hallo|liebe|madame|monsieur|bonjour|chère?|buenos días|estimad[oa]s?|buongiorno|gentil[ei]|egregi[oa]?|spettabile|bom dia|ex(?:m[oa]s?)|prezad[oa]s?|caros?|goedendag|geachte|beste|szanown\w+|dzień dobry)\b.{0,90}$",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"^(?:(?:with )?(?:kind|best|warm|many)?\s*(?:regards|wishes)|yours\b.*|sincerely|respectfully|mit .{0,25}grüßen|(?:freundliche|herzliche|viele|beste) grüße|(?:bien )?cordialement|je vous prie d['’]agréer.{0,70}|(?:sincères|meilleures|cordiales) salutations|atentamente|(?:un )?(?:cordial saludo|saludos cordiales)|(?:cordiali|distinti) saluti|un cordiale saluto|atenciosamente|com (?:os )?(?:melhores |cordiais )?cumprimentos|met (?:vriendelijke|hartelijke) groet(?:en)?|hoogachtend|z (?:poważaniem|wyrazami szacunku|serdecznym pozdrowieniem))[,.]?$",
    re.IGNORECASE,
)
# What a sentence must not claim of an unnamed thing: "that is what I have done for years".
OF_EXPERIENCE = frozenset(
    [
        "experience",
        "experienced",
        "worked",
        "working",
        "work",
        "works",
        "use",
        "used",
        "using",
        "know",
        "knows",
        "knew",
        "skill",
        "skills",
        "knowledge",
        "background",
        "did",
        "done",
        "practice",
        "practised",
        "specialise",
        "erfahrung",
        "erfahrungen",
        "erfahren",
        "kenntnisse",
        "gearbeitet",
        "arbeite",
        "arbeitete",
        "genutzt",
        "nutze",
        "kenne",
        "gemacht",
        "beherrsche",
        "fähigkeiten",
    ]
)
OF_MATCHING = frozenset(
    [
        "match",
        "matches",
        "fit",
        "fits",
        "requirement",
        "requirements",
        "anforderung",
        "anforderungen",
        "passt",
        "passen",
    ]
)
# "I use your reader every day" tells of a customer, not of a skill.
OF_READER = re.compile(
    r"\b(?:use|used|know|knew) (?:of )?(?:your|ihr\w*|euer\w*|votre|vos|su|sus|vostr\w+|voss\w+|uw|państwa)\b",
    re.IGNORECASE,
)
CLAUSE = re.compile(r"(?<=[;:])\s+|\s+[–—]\s+")
POINTERS = frozenset(["one", "ones", "so", "likewise", "eins", "ebenso"])
# Says that one can do what is asked, without saying what one did.
BOAST = re.compile(
    r"\b(?:no (?:problem|issue|trouble)|second nature|daily bread|piece of cake|nothing new|used to (?:the|your|such|these)|reads like my|like my (?:cv|resume|résumé)|tick\w* (?:all|every)|right (?:person|candidate)|familiar to me|kein problem|tägliches brot|nichts neues)\b",
    re.IGNORECASE,
)
UNSAID = "This claims experience without saying which; no line of the CV stands behind it."
NOT_IN_POSTING = "The posting does not say this."


def read_letter(text: str, inputs: LetterInputs) -> Letter:
    """Check a letter that cites nothing, sentence by sentence; what the CV and the posting do not bear is listed in `removed`.

    A missing salutation or signature is not added here.
    """
    facts = facts_of(inputs.resume)
    kept: list[Sentence] = []
    removed: list[RemovedClaim] = []
    for number, role, sentence in _sentences(_cleaned(text), inputs):
        if role in {"salutation", "signature"}:
            kept.append(Sentence(text=sentence, role=role, paragraph=number))
            continue
        checked, problems = check_sentence(sentence, facts, inputs)
        if checked is None:
            removed.append(RemovedClaim(text=sentence, problems=problems))
        else:
            kept.append(checked.model_copy(update={"paragraph": number}))
    return Letter(language=inputs.language, sentences=_numbered(kept), removed=removed)


def own_words(inputs: LetterInputs) -> tuple[list[Sentence], list[RemovedClaim]]:
    """Return the sentences of the person's motive that may stand in the letter, and those that claim what the CV does not bear.

    Why somebody wants a job only they can say, so what merely cannot be found in the CV passes here; what the gate refuses elsewhere, such
    as numbers, employers and skills that are not theirs, is refused here too.
    """
    facts = facts_of(inputs.resume)
    kept: list[Sentence] = []
    refused: list[RemovedClaim] = []
    for text in sentences(inputs.motive):
        unwanted = unwanted_in(text, inputs)
        check = check_claim(text, facts, context=context_of(inputs))
        is_refused = check.verdict != Verdict.SUPPORTED and _claims_deeds(text, facts, inputs)
        if unwanted or is_refused:
            refused.append(RemovedClaim(text=text, problems=[unwanted] if unwanted else check.problems))
        else:
            role = "claim" if check.evidence_ids else "closing"
            kept.append(Sentence(text=text, role=role, evidence_ids=check.evidence_ids))
    return kept, refused


def _claims_deeds(text: str, facts: Sequence[Fact], inputs: LetterInputs) -> bool:
    """Whether a sentence says of its writer more than a wish: a deed, a number, a degree or rank, a skill that neither CV nor posting names."""
    tongue = TONGUES.get(inputs.language)
    patterns = [*tongue.ladder.values(), tongue.praise, tongue.ranks, tongue.degrees, tongue.fluent] if tongue else []
    known = [*(fact.text for fact in facts), inputs.posting_text]
    words = tokens(OF_READER.sub(" ", text))
    return bool(
        quantities(text)
        or scope_verbs(words)
        or {token.word for token in words} & {*OF_EXPERIENCE - {"work", "working"}, *DEGREES, *SENIORITY}
        or any(re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE) for pattern in patterns)
        or known_and_foreign(text, known)[1]
    )


def with_own_words(letter: Letter, own: Sequence[Sentence], refused: Sequence[RemovedClaim]) -> Letter:
    """Return a letter with the person's own sentences at the end of its first paragraph."""
    if not own and not refused:
        return letter
    first = next((sentence.paragraph for sentence in letter.sentences if sentence.role != "salutation"), 1)
    place = max((n for n, s in enumerate(letter.sentences) if s.paragraph <= first), default=-1) + 1
    placed = [sentence.model_copy(update={"paragraph": first}) for sentence in own]
    told = [*letter.sentences[:place], *placed, *letter.sentences[place:]]
    return letter.model_copy(update={"sentences": told, "removed": [*letter.removed, *refused]})


def check_by_hand(text: str, inputs: LetterInputs) -> tuple[list[Sentence], list[RemovedClaim]]:
    """Check a text that a person edited: nothing is taken out, what is not supported is listed. Lines stay as they are."""
    facts = facts_of(inputs.resume)
    kept: list[Sentence] = []
    problems: list[RemovedClaim] = []
    for number, role, sentence in _sentences(text, inputs):
        if role:
            kept.append(Sentence(text=sentence, role=role, paragraph=number))
            continue
        checked, found = check_sentence(sentence, facts, inputs)
        kept.append((checked or Sentence(text=sentence, role="unsupported")).model_copy(update={"paragraph": number}))
        if checked is None:
            problems.append(RemovedClaim(text=sentence, problems=found))
    return _numbered(kept), problems


def check_sentence(text: str, facts: Sequence[Fact], inputs: LetterInputs) -> tuple[Sentence | None, list[str]]:
    """Return the sentence with role and evidence, or None and what is wrong with it."""
    if unwanted := unwanted_in(text, inputs):
        return None, [unwanted]
    if inputs.motive and text in inputs.motive:
        own = next((sentence for sentence in own_words(inputs)[0] if sentence.text == text), None)
        if own is not None:
            return own, []
    return _checked(text, facts, inputs)


def _checked(text: str, facts: Sequence[Fact], inputs: LetterInputs) -> tuple[Sentence | None, list[str]]:
    is_lead = quote_of_posting(text, inputs.language) is not None
    if is_lead or (inputs.language not in TONGUES and is_about_posting(text, inputs)):
        if is_borne_by_posting(text, inputs):
            return Sentence(text=text, role="posting", requirement_ids=_requirements_in(text, inputs)), []
        whole = check_claim(text, facts, context=context_of(inputs))
        if whole.verdict == Verdict.SUPPORTED and not whole.evidence_ids:
            return Sentence(text=text, role="closing"), []
        return None, [NOT_IN_POSTING]
    check = check_claim(text, facts, context=context_of(inputs))
    if check.verdict == Verdict.SUPPORTED:
        if BOAST.search(text) or (not check.evidence_ids and _is_empty_boast(text)):
            return None, [UNSAID]
        role = "claim" if check.evidence_ids else "closing"
        requirement_ids = _requirements_of(check.evidence_ids, inputs.report.requirements)
        return Sentence(text=text, role=role, evidence_ids=check.evidence_ids, requirement_ids=requirement_ids), []
    return _check_clauses(text, facts, inputs, check.problems)


def _check_clauses(
    text: str, facts: Sequence[Fact], inputs: LetterInputs, problems: list[str]
) -> tuple[Sentence | None, list[str]]:
    """Let the first clause speak of the posting and the second of the applicant, as in "You ask for X: at Y I did Z"."""
    clauses = CLAUSE.split(text)
    if len(clauses) != 2 or not is_about_posting(clauses[0], inputs) or not is_borne_by_posting(clauses[0], inputs):
        return None, problems
    if (ANAPHORS | POINTERS) & {token.word for token in tokens(clauses[1])[:4]} or BOAST.search(clauses[1]):
        return None, problems
    check = check_claim(clauses[1], facts, context=context_of(inputs))
    if check.verdict != Verdict.SUPPORTED or not check.evidence_ids:
        return None, check.problems or problems
    requirement_ids = _requirements_in(clauses[0], inputs) or _requirements_of(
        check.evidence_ids, inputs.report.requirements
    )
    return Sentence(text=text, evidence_ids=check.evidence_ids, requirement_ids=requirement_ids), []


def _is_empty_boast(text: str) -> bool:
    """Whether a sentence claims experience of something that it only points at."""
    words = {token.word for token in tokens(text)}
    return bool(words & FIRST_PERSON and words & (ANAPHORS | OF_MATCHING) and words & OF_EXPERIENCE)


def _requirements_of(evidence_ids: Sequence[str], matches: Sequence[RequirementMatch]) -> list[str]:
    cited = set(evidence_ids)
    return [match.requirement_id for match in matches if cited & set(match.fact_ids)][:4]


def _requirements_in(text: str, inputs: LetterInputs) -> list[str]:
    """Return the requirements that a sentence quotes or names."""
    words = {token.word for token in tokens(text)}
    found = []
    for requirement in inputs.analysis.requirements:
        wanted = {token.word for token in tokens(requirement.text) if len(token.word) > 3}
        concept = {token.word for token in tokens(requirement.concept)}
        if (wanted and len(wanted & words) >= max(2, len(wanted) // 2)) or (concept and concept <= words):
            found.append(requirement.id)
    return found[:4]


def _cleaned(text: str) -> str:
    """Drop the marks of Markdown and a fence around the letter."""
    bare = re.sub(r"^```\w*\s*|\s*```$", "", text.strip())
    return re.sub(r"\*\*|__|^#+\s+", "", bare, flags=re.MULTILINE)


def _sentences(text: str, inputs: LetterInputs) -> Iterator[tuple[int, str, str]]:
    """Yield (paragraph, role, sentence); what follows the greeting is the signature."""
    is_signature = False
    for number, paragraph in enumerate(block for block in re.split(r"\n\s*\n", text) if block.strip()):
        for line in paragraph.splitlines():
            stripped = line.strip()
            is_signature = is_signature or GREETING.match(stripped) is not None
            if is_signature:
                if GREETING.match(stripped) or stripped == inputs.applicant_name:
                    yield number, "signature", stripped
            elif number == 0 and SALUTATION.match(stripped):
                yield number, "salutation", stripped
            else:
                for sentence in sentences(stripped):
                    yield number, "", sentence


def _numbered(kept: list[Sentence]) -> list[Sentence]:
    numbers = {old: new for new, old in enumerate(sorted({sentence.paragraph for sentence in kept}))}
    return [sentence.model_copy(update={"paragraph": numbers[sentence.paragraph]}) for sentence in kept]
