"""What strangers' drafts taught: words that only look like a fault, and faults in words that tired people type."""

import pytest

from netcenter.guard.draft import Draft, Reading
from netcenter.guard.estimate import estimate
from netcenter.guard.rules import examine


def grave(text, *messages, language, reading=None):
    """The rules that block this answer to these messages."""
    draft = Draft(text=text, messages=messages, language=language, public=True, reading=reading or Reading())
    return {f.rule for f in examine(draft) if f.severity == "block"}


@pytest.mark.parametrize(
    ("language", "message"),
    [("es", "Me estafaron"), ("es", "Me cobraron mal"), ("pt", "Me deram comida estragada, nojo")],
)
def test_a_short_complaint_is_heard_in_the_language_of_its_case(language, message):
    assert estimate((message,), Reading(), language).grievance


def test_a_customer_who_writes_in_another_language_than_the_case_is_still_heard():
    assert estimate(("The order never came and nobody answers the phone",), Reading(), "es").grievance


@pytest.mark.parametrize(
    ("language", "message", "answer"),
    [
        (
            "en",
            "Your man called me a moron",
            "Nobody is to be called a moron in our shop. I'm sorry; I call you today.",
        ),
        ("es", "El cajero me insultó", "Que alguien lo haya llamado idiota aquí me avergüenza. Perdón, hoy lo llamo."),
        ("pt", "A moça do balcão me ofendeu", "Que te chamaram de burra aqui é grave. Peço desculpas, hoje te ligo."),
    ],
)
def test_who_takes_up_the_insult_that_they_suffered_insults_nobody(language, message, answer):
    assert grave(answer, message, language=language) == set()


@pytest.mark.parametrize(("language", "answer"), [("en", "You are a moron."), ("es", "Idiota."), ("pt", "Burra.")])
def test_the_same_word_of_the_customer_is_an_insult(language, answer):
    assert "insult" in grave(answer, "👎", language=language)


def test_what_happens_to_everybody_asks_for_no_data():
    answer = "Nos pasa a todos 🙂 Aún no ha salido, así que la dirección se cambia en Mis pedidos."
    assert "personal_data_asked" not in grave(answer, "Puse mal la calle", language="es")
    assert "personal_data_asked" in grave("¿Nos pasa su dirección?", "Puse mal la calle", language="es")


def test_who_takes_up_the_figure_of_the_customer_heard_the_irony():
    praise = "Bravo, what a great service, it took 10 days."
    assert grave("Ten days is far too long, and I'm sorry.", praise, language="en") == set()
    assert grave("We are sorry for the trouble.", praise, language="en") == {"apology_to_praise"}


def test_the_box_of_an_office_is_nobodys_secret():
    message = "My bill is wrong and I wrote to you"
    assert (
        grave("Your bank may write to billing@shop.example, sorry; it is paid today.", message, language="en") == set()
    )
    shown = grave("Sorry, we sent it to your address ana@shop.example today.", message, language="en")
    assert shown == {"personal_data_shown"}


@pytest.mark.parametrize(
    ("language", "message", "answer", "rule"),
    [
        ("pt", "Veio quebrado de novo", "O erro foi de vc, vc deveria ter lido.", "blames_customer"),
        ("en", "It came broken again", "You just didnt read the label.", "blames_customer"),
        ("es", "No me llegó nada otra vez", "Hola. Hasta mi abuela sabe usar la página.", "insult"),
        ("en", "My order never came", "Hi. A toddler could follow those steps.", "insult"),
        ("pt", "Não consigo entrar, está quebrado", "Olá. Quer que eu desenhe?", "insult"),
        ("es", "La lavadora llegó rota", "Hola, no estamos para aguantar esto.", "pride"),
        ("en", "The heater is broken again", "Hi, stop, you waste our time.", "pride"),
        ("pt", "A fatura veio errada", "Olá. Azar o seu.", "pride"),
        ("en", "The soup was cold", "Nice try, we hear it each week.", "pride"),
        ("es", "Llegó frío y tarde", "jajaja mira campeón, así es la vida", "sarcasm"),
    ],
)
def test_it_hears_the_grammar_of_dismissing_and_what_is_typed_in_haste(language, message, answer, rule):
    assert rule in grave(answer, message, language=language)


@pytest.mark.parametrize(
    ("language", "message", "answer"),
    [
        ("es", "No entiendo cómo se usa, no funciona", "Te entiendo: no es difícil; te ayuda alguien que sepa."),
        ("en", "I can't get in, it is broken", "Sorry! It isn't that hard once you know: we call you today at 6."),
        ("pt", "Não consigo usar, veio quebrado", "Desculpe: qualquer pessoa consegue com a peça certa."),
    ],
)  # fmt: skip
def test_the_same_words_in_a_kind_answer_help(language, message, answer):
    assert grave(answer, message, language=language) == set()


@pytest.mark.parametrize(
    ("language", "message", "answer"),
    [
        ("es", "La lavadora llegó rota otra vez", "Un momento."),
        ("en", "The heater is broken again", "One moment please."),
        ("en", "The heater is broken again", "Right back!"),
        ("pt", "A fatura veio errada, é um absurdo", "Um momento."),
    ],
)
def test_whoever_says_that_they_are_back_at_once_is_not_cold(language, message, answer):
    assert grave(answer, message, language=language) == set()
