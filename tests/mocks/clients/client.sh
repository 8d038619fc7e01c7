# One GET by curl for each line read; says the status or curl's exit code.
address="$1"
authority="$2"
while read -r _; do
  status=$(curl --silent --show-error --max-time 10 --cacert "$authority" --output /dev/null --write-out '%{http_code}' "$address" 2>/dev/null)
  code=$?
  if [ "$code" -eq 0 ]; then echo "$status"; else echo "curl $code"; fi
done
