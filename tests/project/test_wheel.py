"""The wheel holds all that the program reads at run time, and works in an environment that has nothing else of ours."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SHIPPED = (
    "vtexmon/store/migrations/env.py",
    "vtexmon/store/migrations/versions/r0001_initial.py",
    "vtexmon/config/template.toml",
    "vtexmon/config/template.en.toml",
    "vtexmon/locale/en/LC_MESSAGES/vtexmon.mo",
    "vtexmon/sandbox/sample/cursos.csv",
    "vtexmon/py.typed",
    "screens/app.py",
    "screens/py.typed",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_holds_what_is_read_at_run_time(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in SHIPPED if name not in names] == []


def test_the_wheel_holds_both_packages_and_no_tests(wheel: Path) -> None:
    tops = {name.split("/", 1)[0] for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert tops == {"vtexmon", "screens"}


def test_the_wheel_runs_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    scripts = tmp_path / "venv" / "bin"
    subprocess.run([scripts / "python", "-m", "pip", "install", "--quiet", str(wheel)], check=True, capture_output=True)
    environment = {**os.environ, "HOME": str(tmp_path), "VTEXMON_DEMO_SECONDS": "4"}
    environment.pop("PYTHONPATH", None)

    def run(*arguments: str) -> str:
        command = [str(scripts / "vtexmon"), *arguments]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=120
        ).stdout

    assert run("--version").strip()
    run("init", str(tmp_path / "novo"))
    assert (tmp_path / "novo" / "vtexmon.toml").is_file()
    assert "Sucesso" in run("demo", "--headless")
