<?php
// PHP alone, on its built-in server: a table in memory, the row's number is the token.

declare(strict_types=1);

ini_set('display_errors', '0');

const PAGE_SIZE = 450;

function reply(int $status, ?array $document, array $headers = []): void
{
    http_response_code($status);
    header('Cache-Control: no-store');
    header('Content-Type: application/json; charset=utf-8');
    foreach ($headers as $line) {
        header($line);
    }
    if ($_SERVER['REQUEST_METHOD'] !== 'HEAD') {
        echo json_encode($document, JSON_THROW_ON_ERROR);  // escapes / and all that is not ASCII
    }
}

function recipients(): void
{
    if (!in_array($_SERVER['REQUEST_METHOD'], ['GET', 'HEAD'], true)) {
        reply(405, ['error' => 'use GET'], ['Allow: GET, HEAD']);
        return;
    }
    $wanted = getenv('API_KEY') ?: '';
    if ($wanted !== '' && !hash_equals($wanted, $_SERVER['HTTP_X_API_KEY'] ?? '')) {
        reply(401, ['error' => 'the key is missing or wrong']);
        return;
    }
    $token = $_GET['next'] ?? '';
    if (!is_string($token) || ($token !== '' && !preg_match('/^row-\d{1,9}$/D', $token))) {
        reply(400, ['error' => 'next is not a token of this API']);
        return;
    }
    $start = $token === '' ? 0 : (int) substr($token, 4);
    $contacts = json_decode(file_get_contents(getenv('CONTACTS')), true, 512, JSON_THROW_ON_ERROR);
    $list = array_map(
        fn(array $contact): array => ['uid' => $contact['line_id'], 'msg' => $contact['message']],
        array_slice($contacts, $start, PAGE_SIZE),
    );
    $onward = $start + PAGE_SIZE;
    reply(200, ['list' => $list, 'next' => $onward < count($contacts) ? "row-$onward" : '']);
}

if (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) === '/recipients') {
    recipients();
} else {
    reply(404, ['error' => 'there is nothing here']);
}
