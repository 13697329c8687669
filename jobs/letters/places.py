"""Employers with preposition and article, in the languages of the phrasebook: à la Clinique du Lac, nel, no Hospital, w firmie Logis."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Places:
    """How one language says where somebody works: by the first word of the employer's name, else `plain`."""

    plain: str
    articles: tuple[tuple[str, str], ...] = ()


PLACES: dict[str, Places] = {
    "fr": Places(
        "chez ",
        (
            (r"[AEIOUÉ]\w+erie|Hôpital|Hotel|Hôtel|École|Ecole|EHPAD|Institut|Université|Agence|Association|Auberge|Atelier|Office|Académie|Imprimerie", "à l'"),
            (r"[BCDFGJ-NP-TVZ]\w+erie|Clinique|Mairie|Ville|Banque|Société|Boulangerie|Pâtisserie|Pharmacie|Librairie|Brasserie|Maison|Fondation|Crèche|Polyclinique|Région|Ferme|Bibliothèque|Caisse|Mutuelle", "à la "),
            (r"CHU|CH|Lycée|Collège|Centre|Cabinet|Groupe|Laboratoire|Restaurant|Bureau|Ministère|Département|Musée|Garage|Magasin|Syndicat|Conseil|Bistrot", "au "),
            (r"Galeries|Éditions|Editions|Laboratoires|Hospices|Ateliers", "aux "),
        ),
    ),
    "es": Places(
        "en ",
        (
            (r"Hospital|Hotel|Instituto|Colegio|Centro|Ayuntamiento|Banco|Grupo|Restaurante|Museo|Ministerio|Laboratorio|Taller|Despacho|IES|CEIP", "en el "),
            (r"Clínica|Universidad|Escuela|Residencia|Empresa|Fundación|Biblioteca|Farmacia|Panadería|Gestoría|Tienda|Consultora|Asociación", "en la "),
            (r"Talleres|Laboratorios|Supermercados|Almacenes|Bodegas", "en "),
        ),
    ),
    "it": Places(
        "presso ",
        (
            (r"(?:Ospedale|Hotel|Istituto|Università|Azienda|Agenzia|Associazione|Osteria|Albergo|Officina|ASL|Asilo|Enoteca)", "presso l'"),
            (r"Clinica|Scuola|Banca|Società|Trattoria|Farmacia|Cooperativa|Fondazione|Casa|Biblioteca|Pasticceria|Pizzeria|Residenza", "presso la "),
            (r"Ristorante|Comune|Centro|Gruppo|Laboratorio|Liceo|Museo|Policlinico|Negozio|Ministero|Bar|Caffè", "presso il "),
            (r"Studio|Stabilimento", "presso lo "),
        ),
    ),
    "pt": Places(
        "na ",
        (
            (r"Hospital|Hotel|Instituto|Colégio|Centro|Banco|Grupo|Restaurante|Museu|Ministério|Laboratório|Município|Supermercado|Café|Lar", "no "),
            (r"Clínica|Universidade|Escola|Empresa|Fundação|Biblioteca|Farmácia|Padaria|Pastelaria|Loja|Câmara|Casa|Associação|Santa|Livraria", "na "),
            (r"Laboratórios|Supermercados|Armazéns|Correios", "nos "),
        ),
    ),
    "nl": Places("bij ", ((r"Gemeente|Stichting|Provincie|Universiteit", "bij de "), (r"Ministerie", "bij het "))),
    "pl": Places(
        "w firmie ",
        (
            (r"Szpital|Szkoła|Przedszkole|Żłobek|Urząd|Zespół|Liceum|Technikum|Dom|Przychodnia|Uniwersytet|Politechnika|Muzeum|Biblioteka|Ośrodek|Klinika", "w placówce "),
            (r"Bank|Hotel|Restauracja", "w firmie "),
        ),
    ),
}  # fmt: skip


def at(employer: str, language: str) -> str:
    """Return an employer as the place where somebody works."""
    if language == "nl":
        employer = re.sub(r"^(?:De|Het)(?= )", lambda match: match.group().lower(), employer)
    places = PLACES[language]
    first = employer.split(maxsplit=1)[0] if employer else ""
    for words, preposition in places.articles:
        if re.fullmatch(words, first):
            return f"{preposition}{employer}"
    return f"{places.plain}{employer}"
