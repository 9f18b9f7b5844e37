<?php
// Who gets which message, page by page. Needs PHP 8.1 or newer with PDO. The database lies outside the web folder.
declare(strict_types=1);

const PAGE_SIZE = 400; // fewer than 500

ini_set('display_errors', '0'); // a warning in the middle of the JSON would break it

function answer(int $status, array $body, array $headers = []): never
{
    http_response_code($status);
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    foreach ($headers as $header) {
        header($header);
    }
    // One text that is not UTF-8 must not make the whole page empty.
    echo json_encode($body, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR);
    exit;
}

/** The id after which the page begins; 0 for the first page. */
function position(string $token): int
{
    if ($token === '') {
        return 0;
    }
    $text = base64_decode(strtr($token, '-_', '+/'), true);
    if ($text === false || !preg_match('/^after:(\d{1,18})\z/', $text, $found)) {
        answer(400, ['error' => 'next is not a token of this API']);
    }
    return (int) $found[1];
}

function token(int $id): string
{
    return rtrim(strtr(base64_encode("after:$id"), '+/', '-_'), '=');
}

set_exception_handler(function (Throwable $error): void {
    error_log((string) $error); // for you, not for the reader
    answer(500, ['error' => 'the server has a problem']);
});

if (!in_array($_SERVER['REQUEST_METHOD'], ['GET', 'HEAD'], true)) {
    answer(405, ['error' => 'only GET is allowed'], ['Allow: GET, HEAD']);
}

$key = (string) getenv('API_KEY');
if ($key === '' || !hash_equals($key, $_SERVER['HTTP_X_API_KEY'] ?? '')) {
    answer(401, ['error' => 'X-Api-Key is missing or wrong']);
}

$token = $_GET['next'] ?? '';
$after = position(is_string($token) ? $token : 'not a string');

// For MySQL: new PDO('mysql:host=localhost;dbname=shop;charset=utf8mb4', $user, $password)
$database = new PDO('sqlite:' . (getenv('DATABASE') ?: dirname(__DIR__) . '/recipients.db'));
$database->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$query = $database->prepare('SELECT id, uid, msg FROM recipients WHERE id > ? ORDER BY id LIMIT ' . (PAGE_SIZE + 1));
$query->bindValue(1, $after, PDO::PARAM_INT);
$query->execute();
$rows = $query->fetchAll(PDO::FETCH_ASSOC);

$page = array_slice($rows, 0, PAGE_SIZE);
$more = count($rows) > PAGE_SIZE;
answer(200, [
    'list' => array_map(fn ($row) => ['uid' => (string) $row['uid'], 'msg' => (string) $row['msg']], $page),
    'next' => $more ? token((int) end($page)['id']) : '',
]);
