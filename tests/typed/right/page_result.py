import k6ws


def test_replies() -> None:
    result = k6ws.run(lambda: k6ws.check(1, {"is one": lambda n: n == 1}), iterations=4)
    assert result.metrics["iterations"].count == 4
    assert result.metrics["checks"]["rate"] == 1
