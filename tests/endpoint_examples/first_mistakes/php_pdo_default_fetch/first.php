<?php
header('Content-Type: application/json');
$db = new PDO('sqlite:' . getenv('DATABASE'));
$query = $db->prepare('SELECT id, uid AS line_id, msg AS message FROM recipients WHERE id > ? ORDER BY id LIMIT 400');
$query->execute([(int) ($_GET['next'] ?? 0)]);
$rows = $query->fetchAll();
$next = count($rows) == 400 ? (string) $rows[399]['id'] : '';
echo json_encode(['list' => $rows, 'next' => $next]);
