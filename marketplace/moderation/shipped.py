"""The rules a new installation starts with; an operator changes them in the admin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class RuleSeed:
    code: str
    kind: str
    title_en: str
    title_es: str
    remedy_en: str
    remedy_es: str
    words: tuple[str, ...]
    category: str | None = None


_NEVER = ("It cannot be sold on Lonja. Remove the listing.", "No se puede vender en Lonja. Retira el anuncio.")

SHIPPED: Final = (
    RuleSeed(
        "weapons", "PROHIBITED", "Weapons and ammunition are not sold here.", "Aquí no se venden armas ni munición.", *_NEVER,
        ("firearm*", "handgun", "pistol", "revolver", "assault rifle", "ammunition", "stun gun", "brass knuckles",
         "switchblade", "arma de fuego", "pistola", "munición", "puño americano", "navaja automática"),
    ),
    RuleSeed(
        "drugs", "PROHIBITED", "Drugs are not sold here.", "Aquí no se venden drogas.", *_NEVER,
        ("cocaine", "heroin", "cannabis", "marijuana", "mdma", "lsd", "cocaína", "heroína", "marihuana", "hachís"),
    ),
    RuleSeed(
        "medicines", "PROHIBITED", "Medicines are sold by pharmacies only.", "Los medicamentos solo los venden las farmacias.",
        *_NEVER,
        ("antibiotic*", "antibiótico*", "prescription only", "con receta médica", "viagra", "botox"),
    ),
    RuleSeed(
        "counterfeits", "PROHIBITED", "Copies of brands are not sold here.", "Aquí no se venden copias de marcas.",
        "Sell what you made, or what the brand made.", "Vende lo que haces tú o lo que hizo la marca.",
        ("counterfeit*", "fake rolex", "replica watch", "replica handbag", "1:1 copy", "falsificación", "réplica de marca",
         "copia 1:1"),
    ),
    RuleSeed(
        "protected-species", "PROHIBITED", "Goods of protected species are not sold here (CITES).",
        "No se venden productos de especies protegidas (CITES).", *_NEVER,
        ("elephant ivory", "rhino horn", "real tortoiseshell", "shahtoosh", "marfil de elefante", "cuerno de rinoceronte",
         "carey auténtico"),
    ),
    RuleSeed(
        "food-supplements", "DOCUMENTS", "Food supplements need their notification.",
        "Los complementos alimenticios necesitan su notificación.",
        "Send the notification to the food authority, with the label.",
        "Envía la notificación a la autoridad alimentaria, con la etiqueta.",
        ("food supplement*", "dietary supplement*", "vitamin*", "complemento alimenticio", "complementos alimenticios",
         "vitamina*"),
        "pantry",
    ),
    RuleSeed(
        "cosmetics-with-claims", "DOCUMENTS", "Sun care and treatments need their notification (CPNP).",
        "Los solares y tratamientos necesitan su notificación (CPNP).",
        "Send the CPNP number and the safety report.", "Envía el número CPNP y el informe de seguridad.",
        ("sunscreen", "sun cream", "spf", "anti-ageing", "anti-wrinkle", "protector solar", "crema solar", "antiarrugas"),
        "care",
    ),
    RuleSeed(
        "baby-toys", "DOCUMENTS", "Toys for babies need their test report (EN 71).",
        "Los juguetes para bebés necesitan su informe de ensayo (EN 71).",
        "Send the test report and the declaration of conformity.",
        "Envía el informe de ensayo y la declaración de conformidad.",
        ("rattle", "teether", "baby toy", "sonajero", "mordedor", "juguete para bebé"), "toys",
    ),
    RuleSeed(
        "health-claims", "REVIEW", "Claims about health are looked at.", "Las promesas de salud se revisan.",
        "Say what it is and how it is used; leave cures out.", "Di qué es y cómo se usa; no prometas curas.",
        ("cures", "cancer", "miracle cure", "cura milagrosa", "cáncer"),
    ),
    RuleSeed(
        "cultural-goods", "REVIEW", "Cultural goods are looked at.", "Los bienes culturales se revisan.",
        "Say where it comes from; send its export licence if it has one.",
        "Di de dónde procede; envía su permiso de exportación si lo tiene.",
        ("archaeological", "excavated", "arqueológico", "arqueológica", "excavación"),
    ),
    RuleSeed(
        "knives", "REVIEW", "Knives for fighting are not sold; others are looked at.",
        "No se venden cuchillos de combate; los demás se revisan.",
        "Say what it is for and how long the blade is.", "Di para qué sirve y cuánto mide la hoja.",
        ("dagger", "machete", "combat knife", "throwing knife", "daga", "puñal", "cuchillo de combate"),
    ),
)  # fmt: skip
