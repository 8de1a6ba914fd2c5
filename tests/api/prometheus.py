"""Reads the text that Prometheus reads, and takes nothing that Prometheus would not take."""
import math
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)\Z')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:\\[\\n"]|[^\\"\n])*)"(?:,(?=[a-zA-Z_])|\Z)')
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")


def number(text):
    assert re.fullmatch(r"[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|Inf)|NaN", text), f"no number: {text!r}"
    return float(text)


def labels(text):
    out, at = {}, 0
    while text and at < len(text):
        m = LABEL.match(text, at)
        assert m, f"no label at {text[at:]!r}"
        assert m[1] not in out, f"{m[1]} twice"
        out[m[1]] = m[2]
        at = m.end()
    return out


def key(name, given):
    return name + "".join(f",{k}={v}" for k, v in sorted(given.items()))


def family_of(name, families):
    for suffix in ("_bucket", "_sum", "_count"):
        base = name.removesuffix(suffix)
        if base != name and families.get(base, {}).get("type") == "histogram":
            return base
    return name


def parse(text):
    """{"name,label=value": number}; raises when the text is not as the format wants it."""
    assert text.endswith("\n"), "the last line has no end"
    families, samples, current = {}, {}, None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            _, _, name, help = line.split(" ", 3)
            assert NAME.match(name) and help and name not in families, line
            families[name] = {"type": None, "samples": []}
            current = name
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current and kind in TYPES and not families[name]["type"], line
            families[name]["type"] = kind
        else:
            m = SAMPLE.match(line)
            assert m, f"no sample: {line!r}"
            name, given, value = m[1], labels(m[2]), number(m[3])
            family = family_of(name, families)
            assert family == current, f"{line!r} stands outside its family"
            assert families[family]["type"], f"{line!r} comes before its TYPE"
            assert key(name, given) not in samples, f"{line!r} twice"
            samples[key(name, given)] = value
            families[family]["samples"].append((name, given, value))
    for name, family in families.items():
        check_family(name, family)
    return samples


def check_family(name, family):
    kind, got = family["type"], family["samples"]
    assert kind, f"{name} has no TYPE"
    assert (kind == "counter") == name.endswith("_total"), f"{name} is a {kind}"
    assert not name.endswith(("_ms", "_us", "_milliseconds", "_mb", "_kb")), f"{name}: its unit"
    if kind == "counter":
        assert all(v >= 0 and not math.isinf(v) for _, _, v in got), f"{name} is below 0"
    if kind == "histogram":
        check_histogram(name, got)


def check_histogram(name, got):
    series = {}
    for sample, given, value in got:
        rest = key("", {k: v for k, v in given.items() if k != "le"})
        assert ("le" in given) == sample.endswith("_bucket"), (sample, given)
        series.setdefault(rest, {"buckets": []})
        if "le" in given:
            series[rest]["buckets"].append((float(given["le"]), value))
        else:
            series[rest][sample.removeprefix(name)] = value
    for rest, s in series.items():
        bounds = [b for b, _ in s["buckets"]]
        values = [v for _, v in s["buckets"]]
        assert bounds == sorted(set(bounds)) and bounds[-1] == math.inf, (name, rest, bounds)
        assert values == sorted(values), f"{name}{rest}: the buckets do not grow"
        assert values[-1] == s["_count"], f"{name}{rest}: +Inf is not the count"
        assert s["_sum"] >= 0 and (s["_count"] > 0 or s["_sum"] == 0), f"{name}{rest}: the sum"
