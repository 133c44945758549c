#!/bin/sh
# Usage: TTS_API_URL=… TTS_API_KEY=… sh quickstart.sh reference.wav
set -eu

json_field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }

run() {
    name=$1
    shift
    status_code=$(curl -sS -X POST "$TTS_API_URL/v1/tts/generate" \
        -H "Authorization: Bearer $TTS_API_KEY" \
        -D "$name.headers" -o "$name.json" -w '%{http_code}' "$@")
    id=$(json_field id < "$name.json")

    while :; do
        curl -sS "$TTS_API_URL/v1/tts/status/$id" -H "Authorization: Bearer $TTS_API_KEY" -o "$name.status.json"
        case $(json_field status < "$name.status.json") in
            completed) break ;;
            failed | cancelled | '') cat "$name.status.json" >&2; exit 1 ;;
        esac
        sleep 2
    done

    curl -sS --fail -o "$name.wav" "$(json_field output_url < "$name.status.json")"
    location=$(sed -n 's/^[Ll]ocation: *//p' "$name.headers" | tr -d '\r')
    printf '"%s": {"status_code": %s, "location": "%s", "answer": %s, "final": %s, "audio": "%s.wav"}' \
        "$name" "$status_code" "$location" "$(cat "$name.json")" "$(cat "$name.status.json")" "$name"
}

printf '{'
run design \
    -F "text=Welcome to our store. Shipping is free today." \
    -F "language=en" \
    -F "voice_description=A warm young woman with a friendly tone"
printf ', '
run clone \
    -F "text=Thank you for calling. We will be right with you." \
    -F "voice_ref=@$1" \
    -F "cfg_value=2.0" \
    -F "inference_timesteps=10"
printf '}\n'
