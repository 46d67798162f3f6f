"""The package's verbs: what they take, and that importing a file of the same name leaves them alone."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import symnet

ROOT = Path(__file__).parent.parent
SPEC = """network line
input x[N]
input t[N]
param a ~ constant(2)
loss = mean(n: (a*x[n] - t[n])**2)
minimize loss with sgd(rate=0.1)
"""


@pytest.mark.parametrize("name", [name for name in symnet.__all__ if (ROOT / "symnet" / f"{name}.py").exists()])
def test_verbs_are_not_hidden_by_the_files_of_their_name(name):
    module = importlib.import_module(f"symnet.{name}")
    assert isinstance(module, ModuleType)
    assert not isinstance(getattr(symnet, name), ModuleType)


def test_a_spec_is_a_path_a_text_or_what_load_returned(tmp_path):
    (tmp_path / "line.sym").write_text(SPEC)
    forms = [SPEC, tmp_path / "line.sym", str(tmp_path / "line.sym"), symnet.load(SPEC)]
    shown = {symnet.show(form) for form in forms}
    assert len(shown) == 1
    assert symnet.compile(SPEC).report.ok
    assert symnet.check(SPEC, sizes={"N": 6}).sizes == {"N": 6}


STOPPED = SPEC.replace("a*x[n] - t[n]", "a*x[n] - stop(a)*t[n]")


def test_a_stopped_gradient_is_checked_as_what_it_is():
    report = symnet.check(STOPPED, seed=3, sizes={"N": 6})
    assert report.ok
    assert (report.seed, report.sizes) == (3, {"N": 6})
    assert not symnet.check(symnet.compile(STOPPED).module).ok  # the module alone does not know


def test_show_after_a_pass():
    assert "da" in symnet.show(SPEC, "differentiate")
    assert "da" not in symnet.show(SPEC, "lower")
    with pytest.raises(symnet.UsageError, match="did you mean 'lower'"):
        symnet.show(SPEC, "lowr")


def test_constants_and_libraries_reach_the_compiler():
    text = SPEC.replace("param", "const k = 1\nparam").replace("a*x[n]", "a*k*twice(x[n])")
    library = [symnet.errors.Source("mine.sym", "function twice(u) = 2*u\n")]
    module = symnet.compile(text, constants={"k": 3}, library=library).module
    import numpy as np

    params = {"a": np.array(1.0)}
    assert module.loss(params, np.ones(2), np.zeros(2)) == pytest.approx(36.0)


def test_every_verb_is_there():
    assert all(callable(getattr(symnet, name)) for name in symnet.__all__ if name != "__version__")
    with pytest.raises(AttributeError, match="no attribute 'compil'"):
        assert symnet.compil


def test_importing_the_package_imports_nothing_large():
    code = "import sys, symnet; assert not {'sympy', 'numpy', 'lark'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
