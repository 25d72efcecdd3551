<?php
// SPDX-License-Identifier: GPL-3.0-or-later
// The other end of 'mailchute send --unsubscribe': README says how it is set up.
// A GET only asks: programs that look at links follow them, too (RFC 8058).

$command = ['mailchute', 'suppress', '--token'];

function reply(int $status, string $html): void
{
    http_response_code($status);
    header('Content-Type: text/html; charset=utf-8');
    header('Cache-Control: no-store');
    header('Referrer-Policy: no-referrer');
    echo '<!DOCTYPE html><meta name="viewport" content="width=device-width"><title>Unsubscribe</title>', $html, "\n";
    exit;
}

$token = $_GET['t'] ?? '';
$token = is_string($token) ? $token : '';
if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    reply(200, '<form method="post" action="?t=' . rawurlencode($token) . '">'
        . '<p>No more mail from this list?</p>'
        . '<button name="List-Unsubscribe" value="One-Click">Unsubscribe</button></form>');
}

$process = proc_open($command, [['pipe', 'r'], ['file', '/dev/null', 'w'], ['file', 'php://stderr', 'w']], $pipes);
if ($process === false) {
    reply(500, '<p>This did not work. Please write to us.</p>');
}
fwrite($pipes[0], $token);
fclose($pipes[0]);
switch (proc_close($process)) {
    case 0:
        reply(200, '<p>You get no more mail from this list.</p>');
    case 65:
        reply(400, '<p>This link is not complete.</p>');
    default:
        reply(500, '<p>This did not work. Please write to us.</p>');
}
