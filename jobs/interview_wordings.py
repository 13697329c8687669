"""What is asked in an interview, in the eight languages of letters.

`{quote}` is the posting's own wording, `{name}` a language, `{position}` the job with its employer, `{months}` a number and `{what}` an entry of the CV. What
stands beside a question, why it may come and what to have ready, is the interface's and stays in its language.
"""

from dataclasses import dataclass

from jobs.letters.german import GERMAN_NAMES
from jobs.letters.wordings import WORDINGS


@dataclass(frozen=True, slots=True)
class Asking:
    """The questions of one language; `at` joins an employer to the position."""

    motive: str
    position: str
    untitled: str
    at: str
    language: str
    paper: str
    years: str
    done: str
    undone: str
    known: str
    unknown: str
    example: str
    gap: str
    most_time: str
    pay: str
    place: str
    hours: str
    first_months: str

    def named(self, title: str, employer: str) -> str:
        """Return the position applied for."""
        at = self.at.format(employer=employer) if employer else ""
        return (self.position.format(title=title) if title else self.untitled) + at


ASKING: dict[str, Asking] = {
    "en": Asking(
        motive="Why have you applied for {position}?", position="the {title} position", untitled="this position", at=" at {employer}",
        language="How well do you speak {name}, and where have you used it at work?", paper="The posting speaks of “{quote}”. What do you have of that?",
        years="The posting speaks of “{quote}”. Walk us through yours.", done="Tell us of a time when you had to do this: “{quote}”.",
        undone="This would be part of the job: “{quote}”. Have you done that, or something like it?", known="What have you done with this: “{quote}”?",
        unknown="How familiar are you with this: “{quote}”?", example="The posting says: “{quote}”. Give us an example.",
        gap="What did you do in the {months} months before {what}?", most_time="Which of the tasks in the posting takes most of the time, and which is new?",
        pay="What is the pay for this position? The posting does not say.", place="Where is the work done, and on how many days on site? The posting does not say.",
        hours="Is the position permanent, and for how many hours? The posting does not say.", first_months="What would you want to see done after the first three months?",
    ),
    "de": Asking(
        motive="Warum haben Sie sich auf {position} beworben?", position="die Stelle „{title}“", untitled="diese Stelle", at=" bei {employer}",
        language="Wie gut sprechen Sie {name}, und wo haben Sie es bei der Arbeit gebraucht?", paper="In der Anzeige steht: „{quote}“. Was bringen Sie davon mit?",
        years="In der Anzeige steht: „{quote}“. Erzählen Sie uns von Ihrer Erfahrung.", done="Erzählen Sie von einer Situation, in der es darum ging: „{quote}“.",
        undone="Das gehört zu dieser Stelle: „{quote}“. Haben Sie das oder etwas Ähnliches schon gemacht?", known="Was haben Sie damit schon gemacht: „{quote}“?",
        unknown="Wie vertraut sind Sie damit: „{quote}“?", example="In der Anzeige steht: „{quote}“. Nennen Sie uns ein Beispiel.",
        gap="Was haben Sie in den {months} Monaten vor dieser Zeit gemacht: {what}?", most_time="Welche der Aufgaben in der Anzeige nimmt die meiste Zeit ein, und welche ist neu?",
        pay="Wie ist die Stelle bezahlt? Die Anzeige sagt es nicht.", place="Wo wird gearbeitet, und an wie vielen Tagen vor Ort? Die Anzeige sagt es nicht.",
        hours="Ist die Stelle unbefristet, und wie viele Stunden hat sie? Die Anzeige sagt es nicht.", first_months="Was soll nach den ersten drei Monaten geschafft sein?",
    ),
    "fr": Asking(
        motive="Pourquoi avez-vous postulé pour {position} ?", position="le poste « {title} »", untitled="ce poste", at=" ({employer})",
        language="Quel est votre niveau en {name}, et où l'avez-vous utilisé au travail ?", paper="L'annonce mentionne : « {quote} ». Qu'avez-vous de cela ?",
        years="L'annonce mentionne : « {quote} ». Parlez-nous de votre expérience.", done="Racontez-nous une situation où il s'agissait de ceci : « {quote} ».",
        undone="Cela ferait partie du poste : « {quote} ». L'avez-vous déjà fait, ou quelque chose de proche ?", known="Qu'avez-vous fait dans ce domaine : « {quote} » ?",
        unknown="Dans quelle mesure connaissez-vous ceci : « {quote} » ?", example="L'annonce dit : « {quote} ». Donnez-nous un exemple.",
        gap="Qu'avez-vous fait pendant les {months} mois avant : {what} ?", most_time="Laquelle des tâches de l'annonce prend le plus de temps, et laquelle est nouvelle ?",
        pay="Quelle est la rémunération ? L'annonce ne le dit pas.", place="Où travaille-t-on, et combien de jours sur place ? L'annonce ne le dit pas.",
        hours="Le poste est-il en CDI, et pour combien d'heures ? L'annonce ne le dit pas.", first_months="Qu'aimeriez-vous voir accompli après les trois premiers mois ?",
    ),
    "es": Asking(
        motive="¿Por qué se ha presentado para {position}?", position="el puesto «{title}»", untitled="este puesto", at=" ({employer})",
        language="¿Qué nivel de {name} tiene y dónde lo ha usado en el trabajo?", paper="El anuncio menciona: «{quote}». ¿Qué tiene usted de eso?",
        years="El anuncio menciona: «{quote}». Háblenos de su experiencia.", done="Cuéntenos una situación en la que se trataba de esto: «{quote}».",
        undone="Esto sería parte del puesto: «{quote}». ¿Lo ha hecho ya, o algo parecido?", known="¿Qué ha hecho en este campo: «{quote}»?",
        unknown="¿Hasta qué punto conoce esto: «{quote}»?", example="El anuncio dice: «{quote}». Denos un ejemplo.",
        gap="¿Qué hizo en los {months} meses antes de: {what}?", most_time="¿Cuál de las tareas del anuncio lleva más tiempo y cuál es nueva?",
        pay="¿Cuál es el salario? El anuncio no lo dice.", place="¿Dónde se trabaja y cuántos días de forma presencial? El anuncio no lo dice.",
        hours="¿Es un contrato indefinido y de cuántas horas? El anuncio no lo dice.", first_months="¿Qué le gustaría ver hecho después de los tres primeros meses?",
    ),
    "it": Asking(
        motive="Perché si è candidato o candidata per {position}?", position="la posizione «{title}»", untitled="questa posizione", at=" ({employer})",
        language="Qual è il suo livello di {name} e dove l'ha usato al lavoro?", paper="L'annuncio cita: «{quote}». Che cosa ha di questo?",
        years="L'annuncio cita: «{quote}». Ci parli della sua esperienza.", done="Ci racconti una situazione in cui si trattava di questo: «{quote}».",
        undone="Questo farebbe parte del lavoro: «{quote}». Lo ha già fatto, o qualcosa di simile?", known="Che cosa ha fatto in questo campo: «{quote}»?",
        unknown="Quanto conosce questo: «{quote}»?", example="L'annuncio dice: «{quote}». Ci faccia un esempio.",
        gap="Che cosa ha fatto nei {months} mesi prima di: {what}?", most_time="Quale dei compiti dell'annuncio prende più tempo, e quale è nuovo?",
        pay="Qual è la retribuzione? L'annuncio non lo dice.", place="Dove si lavora, e quanti giorni in sede? L'annuncio non lo dice.",
        hours="Il contratto è a tempo indeterminato, e di quante ore? L'annuncio non lo dice.", first_months="Che cosa vorrebbe vedere fatto dopo i primi tre mesi?",
    ),
    "pt": Asking(
        motive="Porque se candidatou a {position}?", position="esta vaga: «{title}»", untitled="esta vaga", at=" ({employer})",
        language="Qual é o seu nível de {name} e onde o usou no trabalho?", paper="O anúncio menciona: «{quote}». O que tem disso?",
        years="O anúncio menciona: «{quote}». Fale-nos da sua experiência.", done="Conte-nos uma situação em que se tratava disto: «{quote}».",
        undone="Isto faria parte da função: «{quote}». Já o fez, ou algo parecido?", known="O que já fez nesta área: «{quote}»?",
        unknown="Até que ponto conhece isto: «{quote}»?", example="O anúncio diz: «{quote}». Dê-nos um exemplo.",
        gap="O que fez nos {months} meses antes de: {what}?", most_time="Qual das tarefas do anúncio ocupa mais tempo, e qual é nova?",
        pay="Qual é a remuneração? O anúncio não o diz.", place="Onde se trabalha, e quantos dias no local? O anúncio não o diz.",
        hours="O contrato é sem termo, e de quantas horas? O anúncio não o diz.", first_months="O que gostaria de ver feito após os primeiros três meses?",
    ),
    "nl": Asking(
        motive="Waarom hebt u gesolliciteerd naar {position}?", position="de functie “{title}”", untitled="deze functie", at=" bij {employer}",
        language="Hoe goed spreekt u {name}, en waar hebt u het op het werk gebruikt?", paper="De vacature noemt: “{quote}”. Wat hebt u daarvan?",
        years="De vacature noemt: “{quote}”. Vertel ons over uw ervaring.", done="Vertel ons over een situatie waarin het hierom ging: “{quote}”.",
        undone="Dit hoort bij de functie: “{quote}”. Hebt u dat of iets dergelijks al gedaan?", known="Wat hebt u hiermee gedaan: “{quote}”?",
        unknown="Hoe vertrouwd bent u hiermee: “{quote}”?", example="In de vacature staat: “{quote}”. Geef ons een voorbeeld.",
        gap="Wat hebt u gedaan in de {months} maanden vóór: {what}?", most_time="Welke van de taken in de vacature kost de meeste tijd, en welke is nieuw?",
        pay="Wat is het salaris? De vacature zegt het niet.", place="Waar wordt gewerkt, en hoeveel dagen op locatie? De vacature zegt het niet.",
        hours="Is het een vast contract, en voor hoeveel uur? De vacature zegt het niet.", first_months="Wat wilt u na de eerste drie maanden gedaan zien?",
    ),
    "pl": Asking(
        motive="Co skłoniło Panią lub Pana do aplikowania na {position}?", position="stanowisko „{title}”", untitled="to stanowisko", at=" ({employer})",
        language="Jaki jest Pani lub Pana poziom w języku: {name}, i gdzie był używany w pracy?", paper="W ogłoszeniu jest mowa o: „{quote}”. Co z tego Pani lub Pan ma?",
        years="W ogłoszeniu jest mowa o: „{quote}”. Proszę opowiedzieć o swoim doświadczeniu.", done="Proszę opowiedzieć o sytuacji, w której chodziło o: „{quote}”.",
        undone="To należałoby do zadań: „{quote}”. Czy ma Pani lub Pan doświadczenie w tym lub w czymś podobnym?", known="Jakie są Pani lub Pana doświadczenia w tym: „{quote}”?",
        unknown="Na ile zna Pani lub Pan: „{quote}”?", example="W ogłoszeniu napisano: „{quote}”. Proszę podać przykład.",
        gap="Co działo się przez {months} mies. przed: {what}?", most_time="Które z zadań z ogłoszenia zajmuje najwięcej czasu, a które jest nowe?",
        pay="Jakie jest wynagrodzenie? Ogłoszenie tego nie podaje.", place="Gdzie wykonuje się pracę i ile dni na miejscu? Ogłoszenie tego nie podaje.",
        hours="Czy to umowa na czas nieokreślony i na ile godzin? Ogłoszenie tego nie podaje.", first_months="Co powinno być zrobione po pierwszych trzech miesiącach?",
    ),
}  # fmt: skip


def language_name(name: str, language: str) -> str:
    """Return what a language is called in another; its own name as given where that is not known."""
    names = GERMAN_NAMES if language == "de" else WORDINGS[language].languages if language in WORDINGS else {}
    return names.get(name.casefold(), name)
