#!/bin/sh
# Checks every job file beside this script and says each command before its output, so that it can be copied.
# Exits 0 when every good file passed, every doubtful one was warned of and every bad one was refused; 1 otherwise.
set -u
cd "$(dirname "$0")/.." || exit 1
preroll=${PREROLL:-preroll}
good=0
doubtful=0
bad=0
surprises=""

# A body that fits its operation is recognised by its shape. A few are not what their author meant them to be:
# the caller knows where a body goes, and says so with --as.
target() {
    case $1 in
    */text-body-to-image-to-video.json) echo runwayml/image_to_video ;;
    */usage-*.json | */*-organization-usage-*.json) echo runwayml/organization/usage ;;
    esac
}

run() { # FILE EXPECTED-CODE [OPTION]
    as=$(target "$1")
    printf '\n$ %s check %s%s%s\n' "$preroll" "${3:+$3 }" "${as:+--as $as }" "$1"
    "$preroll" check ${3:+"$3"} ${as:+--as "$as"} "$1" </dev/null
    code=$?
    [ "$code" -eq "$2" ] || surprises="$surprises
  $1: exit code $code instead of $2"
}

printf '== jobs that the vendors would take\n'
for file in examples/good/*.json; do
    run "$file" 0
    good=$((good + 1))
done

printf '\n== jobs that are taken, with a warning (which --strict makes fail)\n'
for file in examples/doubtful/*.json; do
    run "$file" 1 --strict
    doubtful=$((doubtful + 1))
done

printf '\n== jobs that would fail, or cost money and be wrong\n'
for file in examples/bad/*.json; do
    run "$file" 1
    bad=$((bad + 1))
done

printf '\n== a folder of stored jobs: good, bad, stale and templated ones, and a line that was cut off\n'
printf '\n$ %s lint examples/jobs\n' "$preroll"
"$preroll" lint examples/jobs </dev/null
code=$?
[ "$code" -eq 2 ] || surprises="$surprises
  examples/jobs: exit code $code instead of 2"

if [ -n "$surprises" ]; then
    printf '\ndemo: not as expected:%s\n' "$surprises" >&2
    exit 1
fi
printf '\n== %d good job files passed, %d doubtful ones were warned of, %d bad ones were refused\n' "$good" "$doubtful" "$bad"
