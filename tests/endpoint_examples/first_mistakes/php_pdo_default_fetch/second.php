<?php
header('Content-Type: application/json');
if ($_SERVER['REQUEST_METHOD'] !== 'GET') {
    header('Allow: GET');
    http_response_code(405);
    exit;
}
$db = new PDO('sqlite:' . getenv('DATABASE'));
$query = $db->prepare('SELECT id, uid, msg FROM recipients WHERE id > ? ORDER BY id LIMIT 400');
$query->execute([(int) ($_GET['next'] ?? 0)]);
$rows = $query->fetchAll(PDO::FETCH_ASSOC);
$next = count($rows) == 400 ? (string) $rows[399]['id'] : '';
echo json_encode(['list' => $rows, 'next' => $next]);
