"""Letters in the languages of the phrasebook: short, made of what needs no grammar of the CV's own lines."""

import re
from collections.abc import Callable, Iterator, Sequence

from cv.facts import Fact
from cv.resume import Education, Language
from cv.skills import concept_of, concepts_in
from jobs.analysis.language import language_of
from jobs.grounding import Sentence
from jobs.letters.articles import with_definite
from jobs.letters.composing import Block, Composer, Desk
from jobs.letters.naming import as_quoted, with_area, without_bracket
from jobs.letters.places import at
from jobs.letters.planning import Proof, without_repeats
from jobs.letters.wordings import WORDINGS, LetterWording
from jobs.models import Tone
from jobs.posting import Requirement, RequirementCategory

SALUTATION, OPENING, PROOF, MORE, CLOSING, SIGNATURE = range(6)
MOST_QUOTED_WORDS = 14
MOST_IN_A_SENTENCE = 3
MOST_TOOLS = 4
MOST_TITLE_WORDS = 9
# A title that names a time and no person: one worked at a place then, and not as it.
PLACEMENT = re.compile(
    r"^(?:stage|prácticas|beca|tirocinio|estágio|staż|praktyki|praktyka|praktikum|internship)\b", re.IGNORECASE
)
AS_TITLE = re.compile(r" (?:comme|como|come|als) \{title\} \{at\}| \{at\} jako \{title\}")
# "należało" agrees with a noun of this kind behind it.
NEUTER = re.compile(r"\w+[nc]ie\b")
SURNAME = re.compile(r"\b(?:(?:van|von|de|den|der|ten|ter|di|da|dos|la|le)\s)*\S+$", re.IGNORECASE)
MOST_FURTHER = 5
MOST_CERTIFICATES = 3


def phrasebook(language: str) -> Callable[[Desk], Composer]:
    """Return what composes letters in a language of `WORDINGS`."""
    return lambda desk: PhrasebookLetter(desk, WORDINGS[language])


class PhrasebookLetter:
    """Composes the parts of a letter from one language's wordings.

    Lines of the CV are quoted where the CV is in the letter's language; otherwise positions, skills, languages and studies speak.
    """

    def __init__(self, desk: Desk, wording: LetterWording) -> None:
        """Work at this desk."""
        self.desk = desk
        self.inputs = desk.inputs
        self.plan = desk.plan
        self.analysis = desk.inputs.analysis
        self.wording = wording
        self.tone = Tone(desk.inputs.tone)
        self._tasks = self._find_tasks()
        self._quoted = self._singles = 0

    def salutation(self) -> Sentence:
        """Address the contact by name where the posting gives one, without guessing a sex."""
        contact = " ".join(self.analysis.contact_name.split())
        for titles, form in self.wording.salutation_forms:
            if titled := re.match(rf"(?P<title>{titles})\s+(?P<rest>.+)", contact):
                surname = SURNAME.search(titled["rest"])
                name = surname.group() if surname else ""
                text = form.format(
                    title=titled["title"], rest=titled["rest"], surname=name, Surname=name[:1].upper() + name[1:]
                )
                return Sentence(text=text, role="salutation", paragraph=SALUTATION)
        name = re.sub(r"^(?:Frau|Herrn?|Mr|Mrs|Ms)\.?\s+", "", contact)
        text = self.wording.salutation_to.format(name=name) if name else self.wording.salutation
        return Sentence(text=text, role="salutation", paragraph=SALUTATION)

    def opening(self) -> Block:
        """Say what is applied for, and quote the task of the posting that the first position answers."""
        openings = [self.wording.opening[tone].format(role=self.role()) for tone in (self.tone, *Tone)]
        is_other = self.inputs.wish == "other_opening"
        text = next((t for t in openings if not (is_other and t in self.inputs.previous_text)), openings[0])
        opening = Sentence(text=_ended(text), role="closing", paragraph=OPENING)
        demand = self.plan.duty if self._tasks else self.plan.demand
        lead = self._lead(demand) if demand else None
        # Behind the full stop of "S.L." nobody would see a sentence begin, so it begins a paragraph there.
        place = PROOF if text.endswith("..") else OPENING
        return [opening, lead.model_copy(update={"paragraph": place})] if lead else [opening]

    def role(self) -> str:
        """Return the position applied for, with its employer."""
        title, employer = self.analysis.title, self.analysis.employer
        if not title or len(title.split()) > MOST_TITLE_WORDS:
            return self.wording.untitled
        if not employer:
            return self.wording.role.format(title=title)
        return self.wording.role_at.format(title=title, at=at(employer, self.inputs.language))

    def body(self) -> Iterator[Block]:
        """Yield positions with what was done there, then what else the posting asks for."""
        chosen = self._chosen()
        order = {scope: number for number, scope in enumerate(chosen)}
        for header in sorted(self.plan.headers, key=lambda fact: order.get(fact.scope_id, len(order))):
            if header.employer and header.title:
                told = [] if self._tasks else self._quotes(header)
                yield [self._career(header), *self._told(header, chosen.get(header.scope_id, [])), *told]
        yield from self._skills()
        yield from self._languages()
        yield from self._studies()
        yield from self._certificates()

    def filling(self) -> Iterator[Block]:
        """Yield skills and certificates that the posting does not ask for."""
        skills = [fact for fact in self.plan.further_skills if not self.desk.is_told(fact.text)][:MOST_FURTHER]
        yield from self._named((self.wording.further, self.wording.further), [(fact, "") for fact in skills])
        yield from self._held(self.plan.further_certificates)

    def closing(self) -> Block:
        """Offer a conversation about the work that the letter told of first."""
        employers = {header.scope_id: header for header in self.plan.headers if header.employer and header.title}
        first = next((employers[scope] for scope in [*self._tasks, *employers] if scope in employers), None)
        if first is None or self.tone != Tone.PROFESSIONAL:
            return [Sentence(text=self.wording.closing[self.tone], role="closing", paragraph=CLOSING)]
        text = self.wording.closing_at.format(at=self._at(first))
        return [Sentence(text=text, role="closing", paragraph=CLOSING, evidence_ids=[first.id])]

    def signature(self) -> Block:
        """Sign."""
        greeting = self.wording.greeting[self.tone]
        addressed = self.salutation().text
        if addressed in {"Madame,", "Monsieur,"}:
            greeting = greeting.replace("Madame, Monsieur,", addressed)
        lines = [greeting, self.inputs.applicant_name]
        return [Sentence(text=line, role="signature", paragraph=SIGNATURE) for line in lines if line]

    def story_of_email(self) -> Block:
        """Return the position that answers the posting best."""
        return next(([block[0]] for block in self.body()), [])

    def _find_tasks(self) -> dict[str, list[Proof]]:
        """Return, by position, the lines to quote, the position first that answers most; none where the CV is in another language."""
        proofs = without_repeats(self.plan.proofs)
        told = language_of(" ".join(proof.fact.text for proof in proofs)) or self.inputs.resume.language
        if told != self.inputs.language:
            return {}
        found: dict[str, list[Proof]] = {}
        for proof in proofs:
            found.setdefault(proof.fact.scope_id, []).append(proof)
        weights = {scope: sum(max(proof.weight, 0.0) for proof in group) for scope, group in found.items()}
        return dict(sorted(found.items(), key=lambda item: (not item[1][0].is_focus, -weights[item[0]])))

    def _chosen(self) -> dict[str, list[Fact]]:
        """Return the lines to tell by position: the weightiest ones, as many as the letter has room for."""
        ranked = [proof for group in self._tasks.values() for proof in group]
        kept = {id(proof) for proof in sorted(ranked, key=lambda proof: -proof.weight)[: self.desk.stories]}
        return {scope: [proof.fact for proof in group if id(proof) in kept] for scope, group in self._tasks.items()}

    def _lead(self, requirement: Requirement) -> Sentence | None:
        """Quote a requirement word for word, where it is short and in the letter's language."""
        quote = " ".join(requirement.text.split()).strip(" .;:•-")
        if self.desk.is_foreign or not quote or len(quote.split()) > MOST_QUOTED_WORDS:
            return None
        text = self.wording.leads[0].format(quote=self.wording.marks.format(line=_quoted(quote)))
        return Sentence(text=text, role="posting", requirement_ids=[requirement.id])

    def _career(self, header: Fact) -> Sentence:
        named = self.plan.concepts_by_scope.get(header.scope_id, [])[:MOST_TOOLS]
        tools = (
            self.wording.with_tools.format(list=self._listed([_spelt(name, fact) for name, fact in named]))
            if named and not self._tasks
            else ""
        )
        careers = next((told for shown, told in self.wording.careers_of if self._shows(shown)), self.wording.careers)
        form, words = careers.undated, {}
        if header.start and header.current:
            form, words = careers.now, {"start": header.start.year}
        elif header.start and header.end:
            is_one_year = header.start.year == header.end.year
            form, words = (
                careers.in_year if is_one_year else careers.past,
                {"start": header.start.year, "end": header.end.year},
            )
        if PLACEMENT.search(header.title):
            form = AS_TITLE.sub(" {at} ({title})", form)
        title = in_running_text(header.title) if self.inputs.resume.language == self.inputs.language else header.title
        text, plain = (
            _ended(form.format(title=title, tools=using, at=self._at(header), **words)) for using in (tools, "")
        )
        evidence = list(dict.fromkeys([header.id, *(fact.id for _, fact in named)]))
        return self.desk.first_passing(
            Sentence(text=text, paragraph=PROOF, evidence_ids=evidence),
            Sentence(text=plain, paragraph=PROOF, evidence_ids=[header.id]),
        )

    def _shows(self, pattern: str) -> bool:
        """Whether the CV's own words fit a pattern."""
        told = (fact.text for facts in self.desk.facts.values() for fact in facts)
        return any(re.search(pattern, text, re.IGNORECASE) for text in told)

    def _quotes(self, header: Fact) -> Block:
        """Quote the lines of a position as they stand in a CV in another language."""
        lines = self.desk.quoted(header.scope_id)
        if not lines:
            return []
        listed = self._listed([self.wording.marks.format(line=as_quoted(fact.text)) for fact in lines])
        evidence = [header.scope_id, *(fact.id for fact in lines)]
        form = self.wording.quoted[min(self._quoted, 1)]
        self._quoted += 1
        return [Sentence(text=form.format(list=listed), paragraph=PROOF, evidence_ids=evidence)]

    def _at(self, fact: Fact) -> str:
        return at(fact.employer, self.inputs.language)

    def _told(self, header: Fact, lines: Sequence[Fact]) -> Iterator[Sentence]:
        """Tell what belonged to the work, what the person was, and what the person says to have done."""
        own = [fact for fact in lines if own_words(fact.text, self.wording)]
        roles = [fact for fact in lines if fact not in own and self._is_role(fact)]
        named = [fact for fact in lines if fact not in own and fact not in roles]
        told = list(self._tasks_of(header, named))
        for fact in roles:
            form = self.wording.as_role if header.current else self.wording.as_role_past
            role = self._claim(form.format(line=_quoted(fact.text)), header, [fact])
            told += list(self._tasks_of(header, [fact], is_further=bool(told))) if self.desk.problems(role) else [role]
        yield from told
        for number, fact in enumerate(own, start=1 if told else 0):
            form = self.wording.told[number if number < 2 else 2 - number % 2]
            yield self._claim(form.format(line=own_words(fact.text, self.wording)), header, [fact])

    def _is_role(self, fact: Fact) -> bool:
        return bool(self.wording.role_words) and re.match(self.wording.role_words, fact.text, re.IGNORECASE) is not None

    def _tasks_of(self, header: Fact, facts: Sequence[Fact], *, is_further: bool = False) -> Iterator[Sentence]:
        """Tell lines that name work, a few in a sentence: first those that can have their article, then the others behind a colon."""
        items = {fact.id: with_definite(_quoted(fact.text), self.inputs.language) for fact in facts}
        flowing = [fact for fact in facts if items[fact.id] and "," not in fact.text]
        alone = [[fact] for fact in facts if items[fact.id] and "," in fact.text]
        others = [fact for fact in facts if not items[fact.id]]
        for group in [*_in_groups(flowing), *alone, *_in_groups(others)]:
            for sentence in self._passing(header, group, is_further=is_further):
                is_further = True
                yield sentence

    def _passing(self, header: Fact, facts: Sequence[Fact], *, is_further: bool) -> Iterator[Sentence]:
        """Yield one sentence about all of the lines; where the gate reads them as one wrongly, one about each half."""
        sentence = self._tasks_sentence(header, facts, is_further=is_further)
        if len(facts) == 1 or not self.desk.problems(sentence):
            yield sentence
            return
        middle = (len(facts) + 1) // 2
        for half in (facts[:middle], facts[middle:]):
            for part in self._passing(header, half, is_further=is_further):
                is_further = True
                yield part

    def _tasks_sentence(self, header: Fact, facts: Sequence[Fact], *, is_further: bool) -> Sentence:
        forms = self.wording.tasks if header.current else self.wording.tasks_past
        items = [_quoted(fact.text) for fact in facts]
        is_past_in_polish = self.inputs.language == "pl" and not header.current
        if is_past_in_polish:
            items.sort(key=lambda item: NEUTER.match(item) is None)
        told = [with_definite(item, self.inputs.language) for item in items]
        form = forms[(self._form(facts) if all(told) else 1) if is_further else 0]
        if all(told):
            listed = self._listed([item for item in told if item])
        elif self._flows(items) and (not is_past_in_polish or NEUTER.match(items[0])):
            listed = self._listed(items)
        else:
            separator = " ; " if self.inputs.language == "fr" else "; "
            form = form.replace(" {list}", f"{separator[0].replace(';', '')}: {{list}}")
            listed = separator.join(items)
        return self._claim(form.format(list=listed), header, facts)

    def _flows(self, items: Sequence[str]) -> bool:
        """Whether lines that have no article may stand in a sentence without a colon."""
        nouns = self.wording.nouns_in_sentences
        return bool(nouns) and all(re.match(nouns, item) for item in items)

    def _skills_text(self, form: str, names: list[str]) -> str:
        """Name skills: in French common nouns have their articles, or stand behind a colon where one's article is not known."""
        if self.inputs.language == "fr":
            told = [with_definite(name, "fr") if name[:1].islower() else name for name in names]
            if not all(told):
                form = form.replace(" {list}", " : {list}")
            names = [name for name in told if name] if all(told) else names
        return form.format(list=self._listed(names))

    def _form(self, facts: Sequence[Fact]) -> int:
        """Return which form a further sentence has: for a single line every second time another."""
        if len(facts) > 1:
            return 1
        self._singles += 1
        return 1 + self._singles % 2

    def _claim(self, text: str, header: Fact, facts: Sequence[Fact]) -> Sentence:
        evidence = [header.scope_id, *(fact.id for fact in facts)]
        return Sentence(text=_ended(text), paragraph=PROOF, evidence_ids=evidence)

    def _skills(self) -> Iterator[Block]:
        shown = [(fact, number) for fact, number in self.plan.skills if not self.desk.is_told(fact.text)][:MOST_FURTHER]
        yield from self._named(self.wording.skills, shown)

    def _named(self, forms: tuple[str, str], skills: Sequence[tuple[Fact, str]]) -> Iterator[Block]:
        """Name skills in a sentence; a name that ends with a number stands last, where it counts nothing, or is left out."""
        named = sorted(skills, key=lambda skill: skill[0].text[-1:].isdigit())
        while named:
            names = [without_bracket(fact.text) for fact, _ in named]
            sentence = Sentence(
                text=self._skills_text(forms[min(len(names), 2) - 1], names),
                paragraph=MORE,
                evidence_ids=[fact.id for fact, _ in named],
                requirement_ids=list(dict.fromkeys(number for _, number in named if number)),
            )
            if len(named) == 1 or not self.desk.problems(sentence):
                yield [sentence]
                return
            named.pop()

    def _languages(self) -> Iterator[Block]:
        """Name in one sentence the languages that are asked for, and the letter's own where it is not the mother tongue."""
        wanted = {language.id: requirement for language, requirement in self.plan.languages}
        own = self.wording.languages.get(_english(self.inputs.language))
        spoken: list[tuple[Language, str]] = []
        for language in self.inputs.resume.languages:
            name = self.wording.languages.get((concept_of(language.name) or language.name).casefold())
            is_own_native = name == own and self._level(language) == self.wording.native
            if name and not is_own_native and (language.id in wanted or name == own):
                spoken.append((language, name))
        if spoken:
            listed = self._listed([f"{name}{self._level(language)}" for language, name in spoken])
            ids = [requirement.id for language, _ in spoken if (requirement := wanted.get(language.id))]
            evidence = [language.id for language, _ in spoken]
            text = self.wording.language.format(list=listed)
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=evidence, requirement_ids=ids)]

    def _level(self, language: Language) -> str:
        if any(word in language.fluency.casefold() for word in self.wording.native_words):
            return self.wording.native
        if language.cefr and language.cefr.value in language.fluency:
            return self.wording.level.format(level=language.cefr.value)
        return ""

    def _studies(self) -> Iterator[Block]:
        wanted = [r.id for r in self.analysis.requirements if r.category == RequirementCategory.EDUCATION]
        for study in self.plan.studies[:1]:
            yield [
                Sentence(text=self._study(study), paragraph=MORE, evidence_ids=[study.id], requirement_ids=wanted[:2])
            ]

    def _study(self, study: Education) -> str:
        year = f", {study.end.year}" if study.end and not study.current else ""
        form = self.wording.studying if study.current else self.wording.study
        area = with_area(study, self.wording.in_area) if study.degree else ""
        return form.format(degree=study.degree or study.area, area=area, school=study.institution, year=year)

    def _certificates(self) -> Iterator[Block]:
        yield from self._held(self.plan.certificates)

    def _held(self, facts: Sequence[Fact]) -> Iterator[Block]:
        held = [(fact.text.partition(",")[0], fact.id) for fact in facts[:MOST_CERTIFICATES]]
        if held:
            text = self.wording.certificate.format(list=self._listed([name for name, _ in held]))
            yield [Sentence(text=text, paragraph=MORE, evidence_ids=[number for _, number in held])]

    def _listed(self, names: list[str]) -> str:
        if len(names) == 1:
            return names[0]
        language, joint = self.inputs.language, self.wording.joint
        if any(f" {joint} " in name for name in names):
            joint = _AS_WELL_AS[language]
        elif language == "es" and re.match(r"h?i(?!e)", names[-1], re.IGNORECASE):
            joint = "e"
        return f"{', '.join(names[:-1])} {joint} {names[-1]}"


# What joins the last of a list whose parts have an "and" of their own.
_AS_WELL_AS = {"fr": "ainsi que", "es": "así como", "it": "nonché", "pt": "bem como", "nl": "en ook", "pl": "oraz"}


def _ended(text: str) -> str:
    """Return a sentence with one full stop where a name before it ends with one ("S.L.")."""
    return re.sub(r"\.\.$", ".", text)


def own_words(text: str, wording: LetterWording) -> str:
    """Return a line that says what the person did, as a sentence goes on with it; nothing for a line that names work."""
    line = _quoted(text)
    for pattern, said in wording.own:
        if re.search(pattern, line, re.IGNORECASE):
            return re.sub(pattern, said, line, count=1, flags=re.IGNORECASE)
    return ""


def in_running_text(title: str) -> str:
    """Return a title with the small letters that it has within a sentence: "Responsable de Magasin" is "responsable de magasin"."""
    names = {title[mention.start : mention.end] for mention in concepts_in(title) if mention.start}
    words = title.split()
    plain = [word[:1].lower() + word[1:] if word[1:].islower() and word not in names else word for word in words]
    return " ".join(plain)


def _in_groups(facts: Sequence[Fact]) -> Iterator[Sequence[Fact]]:
    """Yield the lines in groups of much the same size, none larger than a sentence bears."""
    count = -(-len(facts) // MOST_IN_A_SENTENCE)
    for number in range(count):
        yield facts[number * len(facts) // count : (number + 1) * len(facts) // count]


def _quoted(text: str) -> str:
    """Return a line of the CV as part of a list: without its sign and full stop, with a small letter unless it begins with a name."""
    line = re.sub(r"^[\s•·*▪–—-]+", "", text).strip().rstrip(".;")
    return line if line[1:2].isupper() else line[:1].lower() + line[1:]


def _spelt(concept: str, fact: Fact) -> str:
    return next((fact.text[m.start : m.end] for m in concepts_in(fact.text) if m.concept == concept), concept)


def _english(code: str) -> str:
    return {"fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese", "nl": "dutch", "pl": "polish"}[code]
