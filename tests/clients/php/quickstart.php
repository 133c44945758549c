<?php
// Usage: TTS_API_URL=… TTS_API_KEY=… php quickstart.php reference.wav

$apiUrl = getenv('TTS_API_URL');
$authorization = ['Authorization: Bearer ' . getenv('TTS_API_KEY')];

function get(string $url, array $headers): string
{
    $curl = curl_init($url);
    curl_setopt_array($curl, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_FAILONERROR => true,
        CURLOPT_HTTPHEADER => $headers,
    ]);
    $body = curl_exec($curl);
    if ($body === false) {
        throw new RuntimeException(curl_error($curl));
    }
    curl_close($curl);
    return $body;
}

function run(string $name, array $fields): array
{
    global $apiUrl, $authorization;

    $location = '';
    $curl = curl_init("$apiUrl/v1/tts/generate");
    curl_setopt_array($curl, [
        CURLOPT_POST => true,
        CURLOPT_POSTFIELDS => $fields,
        CURLOPT_HTTPHEADER => $authorization,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$location): int {
            if (stripos($line, 'location:') === 0) {
                $location = trim(substr($line, strlen('location:')));
            }
            return strlen($line);
        },
    ]);
    $answer = json_decode(curl_exec($curl), true, 512, JSON_THROW_ON_ERROR);
    $statusCode = curl_getinfo($curl, CURLINFO_HTTP_CODE);
    curl_close($curl);

    do {
        sleep(2);
        $final = json_decode(get("$apiUrl/v1/tts/status/{$answer['id']}", $authorization), true);
    } while (in_array($final['status'], ['queued', 'processing'], true));
    if ($final['status'] !== 'completed') {
        throw new RuntimeException($final['error']['message']);
    }

    file_put_contents("$name.wav", get($final['output_url'], []));

    return [
        'status_code' => $statusCode,
        'location' => $location,
        'answer' => $answer,
        'final' => $final,
        'audio' => "$name.wav",
    ];
}

echo json_encode([
    'design' => run('design', [
        'text' => 'Welcome to our store. Shipping is free today.',
        'language' => 'en',
        'voice_description' => 'A warm young woman with a friendly tone',
    ]),
    'clone' => run('clone', [
        'text' => 'Thank you for calling. We will be right with you.',
        'voice_ref' => new CURLFile($argv[1], 'audio/wav', 'reference.wav'),
        'cfg_value' => '2.0',
        'inference_timesteps' => '10',
    ]),
]), "\n";
