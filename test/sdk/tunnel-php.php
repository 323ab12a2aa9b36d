<?php
// What Twilio's SDK for PHP does over HTTP, with the same options of libcurl and as strict an eye on the answer to
// CONNECT, which libcurl hands over in front of the real one. Prints what it saw as JSON.
set_error_handler(function (int $level, string $message): never { throw new RuntimeException($message); });

[, $accountSid, $messages] = $argv;

function options(string $method, string $url, array $data): array {
    global $accountSid;
    $options = [
        CURLOPT_URL => $url,
        CURLOPT_HEADER => true,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 60,
        CURLOPT_PROTOCOLS => CURLPROTO_HTTPS | CURLPROTO_HTTP,
        CURLOPT_HTTPHEADER => ['Accept: application/json', 'Authorization: Basic ' . base64_encode("$accountSid:secret")],
    ];
    return $options + match ($method) {
        'GET' => [CURLOPT_HTTPGET => true],
        'POST' => [CURLOPT_POST => true, CURLOPT_POSTFIELDS => http_build_query($data)],
        default => [CURLOPT_CUSTOMREQUEST => $method],
    };
}

/** The body of the answer; throws where the SDK could not make one out, or its status is none of success. */
function request(string $method, string $url, array $data = []): string {
    $curl = curl_init();
    curl_setopt_array($curl, options($method, $url, $data));
    $answer = curl_exec($curl);
    if ($answer === false) throw new RuntimeException(curl_error($curl));
    $blocks = explode("\r\n\r\n", $answer, 3);
    // Nothing may follow the phrase, and no letter be another.
    $tunnelled = preg_match('{\AHTTP/1\.\d 200 (?:Connection|Tunnel) established\Z}', $blocks[0]) === 1;
    [$head, $body] = array_slice($blocks, $tunnelled ? 1 : 0);
    foreach (array_slice(explode("\r\n", $head), 1) as $line) [$name, $value] = explode(':', $line, 2);
    $status = curl_getinfo($curl, CURLINFO_HTTP_CODE);
    if ($status < 200 || $status > 299) throw new RuntimeException("$status $body");
    return $body;
}

function ask(string $method, string $url, array $data = []): array {
    return json_decode(request($method, $url, $data), true, flags: JSON_THROW_ON_ERROR);
}

$api = 'https://api.twilio.com';
$verify = 'https://verify.twilio.com/v2/Services';
$account = "$api/2010-04-01/Accounts/$accountSid";

$created = [];
for ($i = 0; $i < $messages; $i++) {
    $created[] = ask('POST', "$account/Messages.json", ['To' => '+15550001111', 'From' => '+15550002222', 'Body' => 'hello & more'])['sid'];
}
$fetched = ask('GET', "$account/Messages/$created[0].json")['sid'] === $created[0];
$listed = 0;
for ($next = "$account/Messages.json?PageSize=" . intdiv(count($created) + 1, 2); $next !== null;) {
    $page = ask('GET', $next);
    $listed += count($page['messages']);
    $next = $page['next_page_uri'] === null ? null : $api . $page['next_page_uri'];
}
for ($services = 0; $services < 3; $services++) ask('POST', $verify, ['FriendlyName' => "shop $services"]);
$servicesListed = 0;
for ($next = "$verify?PageSize=2"; $next !== null; $next = $page['meta']['next_page_url']) {
    $page = ask('GET', $next);
    $servicesListed += count($page['services']);
}
$removed = request('DELETE', "$account/Messages/$created[0].json") === '';

// A recording as a stream, which the SDK has no call for.
$recording = ask('GET', "$account/Recordings.json")['recordings'][0]['sid'];
$mediaBytes = 0;
$curl = curl_init();
curl_setopt_array($curl, [CURLOPT_HEADER => false, CURLOPT_RETURNTRANSFER => false, CURLOPT_FAILONERROR => true,
    CURLOPT_WRITEFUNCTION => function ($curl, string $chunk) use (&$mediaBytes): int {
        $mediaBytes += strlen($chunk);
        return strlen($chunk);
    }] + options('GET', "$account/Recordings/$recording.mp3", []));
if (!curl_exec($curl)) throw new RuntimeException(curl_error($curl));

echo json_encode(['created' => count($created)] + compact('fetched', 'listed', 'services', 'servicesListed', 'removed', 'mediaBytes')), "\n";
