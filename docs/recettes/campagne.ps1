# Windows : campagne complète depuis PowerShell 5.1 ou plus récent, dans le dossier de dui.toml.
# .\campagne.ps1 -Banc C:\outils\dui-conformance
param([Parameter(Mandatory)] [string] $Banc)
$ErrorActionPreference = "Stop"
$env:PYTHONUTF8 = "1"

if (-not (Test-Path .banc)) {
    py -3 -m venv .banc
    .banc\Scripts\pip install --quiet --require-hashes -r "$Banc\constraints.txt"
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    .banc\Scripts\pip install --quiet --no-deps $Banc
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}
$env:PATH = "$PWD\.banc\Scripts;$env:PATH"

dui-conformance adresses --config dui.toml --sortie services.json
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }

# Ici le DUI témoin : mettez à la place votre logiciel, réglé d'après services.json.
$dui = Start-Process dui-conformance -PassThru -NoNewWindow -RedirectStandardOutput dui.log -ArgumentList `
    "temoin --services services.json --port 9000 --jeton jeton-de-test"
try {
    while (-not (Select-String -Quiet '"url"' dui.log)) {
        if ($dui.HasExited) { throw "le DUI de test s'est arrêté" }
        Start-Sleep -Seconds 1
    }
    dui-conformance run --config dui.toml --sortie resultats
    $code = $LASTEXITCODE
}
finally {
    if (-not $dui.HasExited) { Stop-Process -Id $dui.Id }
}
dui-conformance rapport resultats --format badge --sortie publie
exit $code
