"""``vtexmon sandbox --write DIR``: a folder that works at once, with configuration, credentials and sample data.

Credentials are files that only their owner reads, so nothing has to be exported; ``sandbox.env`` holds them once more
for shells and service units.
"""

import os
import shutil
from pathlib import Path

from vtexmon.i18n import _
from vtexmon.sandbox.settings import SandboxSettings
from vtexmon.sandbox.template import SOURCE_FOLDER, environment, render_config, secret_files

CONFIG_NAME = "vtexmon.toml"
ENVIRONMENT_NAME = "sandbox.env"
_OWNER_ONLY = 0o600


def write_folder(folder: Path, settings: SandboxSettings, url: str, sample: Path | None = None) -> list[Path]:
    """Make the folder and return the files written; ``sample`` is a folder of CSV files to copy into ``dados``.

    FileExistsError (in Portuguese) when there is a configuration already: nothing of the user's is overwritten.
    """
    config = folder / CONFIG_NAME
    if config.exists():
        raise FileExistsError(_("{0} já existe; escolha outra pasta ou remova o arquivo").format(config))
    data = folder / SOURCE_FOLDER
    data.mkdir(parents=True, exist_ok=True)
    written = [_write_private(folder / name, value + "\n") for name, value in secret_files(settings).items()]
    variables = "".join(f"{name}={value}\n" for name, value in environment(settings).items())
    written.append(_write_private(folder / ENVIRONMENT_NAME, variables))
    written += _copy_missing(sample, data) if sample is not None and sample.is_dir() else []
    config.write_text(render_config(settings, url, references="file"), encoding="utf-8")
    return [*written, config]


def _write_private(path: Path, text: str) -> Path:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _copy_missing(sample: Path, data: Path) -> list[Path]:
    """Copy the CSV files that are not there yet."""
    targets = {file: data / file.name for file in sorted(sample.glob("*.csv"))}
    missing = {file: target for file, target in targets.items() if not target.exists()}
    return [Path(shutil.copyfile(file, target)) for file, target in missing.items()]
