"""What the guard says of a reply: by tables, and whatever the text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcenter.guard.draft import Draft, Reading, mended
from netcenter.guard.rules import MISSING, RULES, examine

CASES = st.lists(
    st.sampled_from(
        [
            "Hola Ana,",
            "cálmese",
            "no seas ridículo",
            "lamentamos la demora",
            "{{nombre}}",
            "a la brevedad",
            "escríbenos por DM",
            "dinos tu DNI",
            "4539 1488 0343 6467",
            "Es culpa tuya.",
            "\n",
            "!!",
            "😂",
            "👩‍👩‍👧",
            "e\u0301",
            "“citado”",
            "borre su comentario",
            "http://localhost/x",
            "I'm sorry",
            "calm down",
            "pedimos desculpas",
            "você deveria ter lido",
            "YA LE DIJIMOS QUE NO HAY NADA",
            "te regalamos un cupón",
            "usted",
            "tu pedido",
            "ana@gmail.com",
            "Gracias.",
            "?",
            "¿",
            "-- ",
            "^Leo",
            "[NOMBRE]",
        ]
    ),
    max_size=12,
).map(" ".join)
TEXTS = st.one_of(st.text(max_size=300), CASES)


@st.composite
def drafts(draw):
    return Draft(
        text=draw(TEXTS),
        messages=tuple(draw(st.lists(TEXTS, max_size=3))),
        language=draw(st.sampled_from(["", "es", "en", "pt", "fr"])),
        reading=Reading(draw(st.sampled_from(["", "praise", "complaint", "question", "other"]))),
        max_length=draw(st.sampled_from([None, 0, 20, 280])),
        public=draw(st.booleans()),
        recent=tuple(draw(st.lists(TEXTS, max_size=2))),
        customer_name=draw(st.sampled_from(["", "Ana", "José Luis Pérez", "@x_1", "李"])),
        operator_name=draw(st.sampled_from(["", "Leo Paz"])),
        brand=draw(st.sampled_from(["", "Aurora"])),
        other_brands=draw(st.sampled_from([(), ("Aurora Café", "Sol (AR)")])),
        fault=draw(st.sampled_from(["", "own"])),
        closing=draw(st.booleans()),
        crisis=draw(st.booleans()),
        unfinished=draw(st.booleans()),
    )


@settings(max_examples=80, deadline=None)
@given(drafts())
def test_it_never_raises_and_its_places_lie_inside_the_draft(draft):
    found = examine(draft)
    assert all(0 <= f.start <= f.end <= len(draft.text) for f in found)
    assert {f.rule for f in found} <= {rule.name for rule in RULES}
    assert [f.severity for f in found] == sorted((f.severity for f in found), key=["block", "warn", "inform"].index)
    assert found == examine(draft)
    assert not (draft.unfinished and {f.rule for f in found} & MISSING)


@settings(max_examples=80, deadline=None)
@given(drafts())
def test_a_fix_changes_its_own_words_alone(draft):
    for finding in examine(draft):
        after = mended(draft.text, finding)
        assert after.startswith(draft.text[: finding.start]) and after.endswith(draft.text[finding.end :])
        assert finding.fix is None or after != draft.text


@pytest.mark.parametrize(
    "text", ["Aö!ؠؠ!ؠؠ!ؠؠؠᨀᨀᨀ!", "Спасибо, мы сегодня напишем вам.", "شكرا لكم، سوف نكتب لكم اليوم"]
)
def test_what_has_no_capitals_does_not_shout(text):
    assert "shouting" not in {found.rule for found in examine(Draft(text, ("Hola",)))}


ANGRY = ("Otra vez sin luz, una vergüenza, estoy harta!!",)
PRAISE = ("¡Riquísimo todo, los felicito!",)


@pytest.mark.parametrize(
    ("draft", "rule", "after"),
    [
        (
            Draft("Hola. Cálmese, por favor. Lo vemos hoy.", ANGRY),
            "calm_down",
            "Hola. Entendemos su molestia. Lo vemos hoy.",
        ),
        (Draft("Lo vemos hoy. No seas ridículo.", ANGRY), "insult", "Lo vemos hoy."),
        (Draft("No seas ridículo. Lo vemos hoy.", ANGRY), "insult", "Lo vemos hoy."),
        (
            Draft("Lamentamos mucho tu experiencia. Saludos, Leo", PRAISE),
            "apology_to_praise",
            "¡Muchas gracias por contárnoslo! Saludos, Leo",
        ),
        (
            Draft("Hola {{customer.first_name}}, ¡gracias!", customer_name="Dana Paz"),
            "placeholder",
            "Hola Dana, ¡gracias!",
        ),
        (Draft("Hola [NOMBRE], ¡gracias!"), "placeholder", "Hola, ¡gracias!"),
        (Draft("YA RESPONDIMOS SU CONSULTA"), "shouting", "Ya respondimos su consulta"),
        (Draft("Hola Roberto, ya va.", ("soy Mariana, no llegó",)), "wrong_name", "Hola Mariana, ya va."),
        (
            Draft("Tu tarjeta 4539 1488 0343 6467 pasó.", public=True),
            "personal_data_shown",
            "Tu tarjeta •••• 6467 pasó.",
        ),
        (Draft("Mirá htps://aurora-pan.com/pan", ("dónde?",)), "bad_link", "Mirá https://aurora-pan.com/pan"),
        (Draft("Lo vemos hoy a las 18.", ANGRY), "no_apology", "Te pedimos disculpas. Lo vemos hoy a las 18."),
        (Draft("Hola Ana, lo vemos hoy.", ANGRY), "no_apology", "Hola Ana, te pedimos disculpas: lo vemos hoy."),
        (
            Draft("Perdón por la silla 😂 va otra.", ("se me rompió la silla y me caí",)),
            "levity",
            "Perdón por la silla va otra.",
        ),
        (
            Draft("Revisamos tu caso; su pedido va hoy y tu factura también."),
            "mixed_address",
            "Revisamos tu caso; tu pedido va hoy y tu factura también.",
        ),
        (Draft("Sí, hay lugar.", operator_name="Leo Paz"), "no_signature", "Sí, hay lugar. ^Leo"),
    ],
)
def test_one_click_mends_it(draft, rule, after):
    finding = next(f for f in examine(draft) if f.rule == rule)
    assert mended(draft.text, finding) == after


@pytest.mark.parametrize(
    "draft",
    [
        Draft(
            "Lamentamos mucho dejarte sin luz, hoy a las 18 vuelve.", ("¡Genial, otra vez sin luz! Gracias",)
        ),  # ironic
        Draft("¡Gracias! Y perdón por la espera del postre.", ("Todo riquísimo, lástima la espera",)),  # mixed
        Draft(
            "No podemos devolver el importe, pero sí cambiar la fecha hoy.", ("Quiero la devolución del vuelo",)
        ),  # firm
        Draft("Lamentamos la demora", reading=Reading("praise", ("praise", "claim"))),
        Draft("Perdón por contestar tarde. ¡Gracias por escribir!", PRAISE),
        Draft("No es culpa tuya: el cartel estaba mal puesto.", ("me equivoqué de puerta?",)),
        Draft("Dices que somos «unos mentirosos» y lo entendemos.", ANGRY),
        Draft("Nunca pedimos tu clave ni tu tarjeta.", ("¿es estafa?",), public=True),
        Draft("Llámanos al 0800 222 4455.", ("cómo hago?",), public=True),
        Draft("Escríbenos a ayuda@tienda-sol.com.", ("cómo hago?",), public=True),
        Draft("El local queda en Av. Mitre 340, de 9 a 18.", ("dónde queda?",), public=True),
        Draft("Puedes borrar tu comentario: tiene tus datos y los ve cualquiera.", ("mi dni es...",), public=True),
        Draft("The pedido will not arrive", ("the order?",)),
        Draft("Hola Pepe, ya va.", ("Soy José, no llegó",)),
        Draft("a " * 140, max_length=280),
        Draft(""),
    ],
)
def test_it_does_not_block(draft):
    assert [f.rule for f in examine(draft) if f.severity == "block"] == []


@pytest.mark.parametrize(
    ("shown", "language"),
    [
        ("5105 1051 0510 5100", "es"),
        ("ES91 2100 0418 4502 0005 1332", "es"),
        ("12345678Z", "es"),
        ("X1234567L", "es"),
        ("20-26756539-3", "es"),
        ("12.345.678-5", "es"),
        ("DNI 28456913", "es"),
        ("529.982.247-25", "pt"),
        ("11.222.333/0001-81", "pt"),
        ("536-22-8145", "en"),
        ("ana.p@gmail.com", "es"),
        ("tu celular +54 9 11 5263 8841", "es"),
        ("tu casa, calle Luna 12, piso 3", "es"),
        ("date of birth: 04/12/1981", "en"),
        ("CURP HEGG560427MVZRRL04", "es"),
    ],
)
def test_it_knows_personal_data_by_their_check_digits(shown, language):
    said = Draft(f"Veo {shown} en la ficha.", language=language, public=True)
    assert "personal_data_shown" in {f.rule for f in examine(said)}
    assert "personal_data_shown" not in {f.rule for f in examine(Draft(said.text, language=language))}  # private


@pytest.mark.parametrize(
    "shown", ["5105 1051 0510 5101", "pedido 12345678", "12:30", "4.500", "2024-05-01", "$ 18.500", "20 %"]
)
def test_other_numbers_are_nobody_s(shown):
    assert "personal_data_shown" not in {f.rule for f in examine(Draft(f"Veo {shown} aquí.", public=True))}


def test_it_shows_where_in_a_text_with_accents_of_their_own():
    text = "Hola 👩‍👩‍👧 Mari\u0301a, ca\u0301lmese. Hoy va."
    found = next(f for f in examine(Draft(text, ANGRY)) if f.rule == "calm_down")
    assert text[found.start : found.end] == "Hola 👩‍👩‍👧 Mari\u0301a, ca\u0301lmese."


def test_what_is_only_missing_waits_until_the_draft_is_written():
    assert {"no_apology", "no_next_step"} <= {f.rule for f in examine(Draft("Hola", ANGRY))}
    assert examine(Draft("Hola", ANGRY, unfinished=True)) == []


def test_closing_with_nothing_said_is_blocked():
    draft = Draft("Gracias por tu consulta.", ("¿Cómo cambio la fecha?",), closing=True)
    assert next((f.rule, f.severity) for f in examine(draft)) == ("no_next_step", "block")
    assert examine(Draft(draft.text, draft.messages))[0].severity == "warn"


def test_the_name_of_a_hole_addresses_nobody():
    told = examine(
        Draft("Hola Inés, hoy mismo te escribimos y vemos {{su consulta}}.", ("¿Y mi pedido?",), language="es")
    )
    assert "mixed_address" not in {f.rule for f in told} and "placeholder" in {f.rule for f in told}
