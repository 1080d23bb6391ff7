from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chatbot.data.audit import open_audit, pair_key, quantiles


@given(st.lists(st.integers(0, 50), min_size=1))
def test_quantiles_are_those_of_the_sorted_list(lengths: list[int]) -> None:
    ordered = sorted(lengths)
    expected = {}
    for name, share in {"0.5": 0.5, "0.9": 0.9, "0.95": 0.95, "0.99": 0.99, "1": 1.0}.items():
        expected[name] = next(n for i, n in enumerate(ordered, 1) if i >= share * len(ordered))
    assert quantiles(Counter(lengths)) == expected


def test_near_duplicates_differ_only_in_case_and_marks() -> None:
    assert pair_key("Really?", "Yes, I do!") == pair_key("REALLY...", "yes i do")
    assert pair_key("Really?", "Yes, I do!") != pair_key("Really?", "Yes, I did!")
    assert pair_key("a b", "c") != pair_key("a", "b c")
    assert pair_key("...", "What?") != pair_key("!", "What?")


def test_replies_are_counted_in_train_and_compared_with_it() -> None:
    with open_audit() as audit:
        for prompt, reply in [("Tea?", "Yes."), ("Milk?", "Yes."), ("Sugar?", "No."), ("Tea?", "Yes.")]:
            audit.add_example(prompt, reply, 1, 2)
        assert "also_in_train" not in audit.split_measures()
        audit.begin("test")
        audit.add_example("tea", "yes!", 1, 2)
        audit.add_example("tea", "no", 1, 4)
        audit.counts.update({"tokens": 10, "unknown": 1, "same speaker": 1})
        assert audit.split_measures() == {
            "reply_words": {"0.5": 1, "0.9": 1, "0.95": 1, "0.99": 1, "1": 1},
            "reply_tokens": {"0.5": 2, "0.9": 4, "0.95": 4, "0.99": 4, "1": 4},
            "same_speaker": 1,
            "unknown_share": 0.1,
            "also_in_train": 1,
            "also_in_train_share": 0.5,
        }
        assert audit.commonest_replies() == [
            {"reply": "Yes.", "count": 3, "share": 0.75},
            {"reply": "No.", "count": 1, "share": 0.25},
        ]
