import subprocess
import sys


def modules_after(statement):
    code = f"import sys; {statement}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_import_brings_in_nothing_heavy():
    heavy = {"torch", "matplotlib", "ipywidgets", "IPython", "pandas", "sklearn", "PIL"}
    assert not modules_after("import contexture_lite") & heavy


def test_a_decomposition_brings_in_nothing_heavy():
    heavy = {"torch", "matplotlib", "ipywidgets", "IPython", "pandas", "sklearn", "PIL"}
    statement = (
        "import contexture_lite as cl; cl.singular_system(cl.Context([[.5, 0], [.25, .25]]))"
    )
    assert not modules_after(statement) & heavy


def test_every_public_name_is_there():
    import contexture_lite as cl

    assert set(cl.__all__) <= set(dir(cl))
    for name in ("Context", "SingularSystem", "singular_system"):
        assert getattr(cl, name).__doc__
    try:
        cl.no_such_name  # noqa: B018
    except AttributeError as error:
        assert "no_such_name" in str(error)
    else:
        raise AssertionError("no error for an unknown name")
