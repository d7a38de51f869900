"""What the standards publish, and others' parsers: from PyPI and npm, at the versions below, into a folder that is kept
(build/siem, or THERMOWELL_SIEM).  Nothing of them is part of this project."""
import glob
import json
import os
import shutil
import subprocess
import sys

KEPT = os.environ.get("THERMOWELL_SIEM") or os.path.join(os.environ.get("TW_BUILDDIR") or os.getcwd(), "siem")
PYPI = ["ocsf-json-schema==1.2.0", "py-ocsf-models==0.10.0", "jsonschema==4.26.0", "pycef==1.11", "cefevent==0.5.6"]
SIGMA = ["pysigma==1.5.1", "pysigma-backend-elasticsearch==2.1.1", "pysigma-backend-splunk==2.1.0", "logstash-pipeline-parser==0.0.3",
         "vrl-python==0.1.0", "pyyaml==6.0.4"]
KUSTO = "@kusto/language-service-next@12.4.1"
NPM = "@elastic/ecs@9.4.0"
LIST_JS = """const { EcsFlat } = require(process.argv[1]);
const out = {};
for (const [k, f] of Object.entries(EcsFlat))
  out[k] = { type: f.type, array: (f.normalize || []).includes("array"),
    values: (f.allowed_values || []).map(v => v.name),
    expected: Object.fromEntries((f.allowed_values || []).map(v => [v.name, v.expected_event_types || []])) };
process.stdout.write(JSON.stringify(out));"""


def run(*cmd, **more):
    return subprocess.run(cmd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180, check=False, **more)


def python_packages(name, packages, install):
    """A folder for sys.path, or None."""
    to = os.path.join(KEPT, name)
    stamp = os.path.join(to, ".versions")
    if os.path.exists(stamp) and open(stamp, encoding="utf-8").read() == " ".join(packages):
        return to
    if not install:
        return None
    shutil.rmtree(to, ignore_errors=True)
    env = os.path.join(KEPT, "pip")
    # A Debian python has venv or pip as packages of their own.
    if not os.path.exists(os.path.join(env, "bin/pip")) and run(sys.executable, "-m", "venv", env).returncode != 0:
        return None
    if run(os.path.join(env, "bin/pip"), "-q", "install", "--target", to, *packages).returncode != 0:
        return None
    with open(stamp, "w", encoding="utf-8") as f:
        f.write(" ".join(packages))
    return to


def npm_package(name, spec, install):
    """The folder of a package, or None."""
    to = os.path.join(KEPT, name, "package")
    if not os.path.isdir(to) and install and shutil.which("npm") and shutil.which("node"):
        where = os.path.dirname(to)
        shutil.rmtree(where, ignore_errors=True)
        os.makedirs(where)
        if run("npm", "pack", "--silent", spec, cwd=where).returncode == 0:
            for tar in glob.glob(os.path.join(where, "*.tgz")):
                run("tar", "xzf", tar, cwd=where)
    return to if os.path.isdir(to) else None


def ecs_fields(install):
    """{path: {type, array, values, expected}}, or None."""
    to = os.path.join(KEPT, "ecs.json")
    package = npm_package("ecs", NPM, install) if not os.path.exists(to) else None
    if package:
        p = run("node", "-e", LIST_JS, package)
        if p.returncode == 0:
            with open(to, "w", encoding="utf-8") as f:
                f.write(p.stdout)
    if not os.path.exists(to):
        return None
    with open(to, encoding="utf-8") as f:
        return json.load(f)
