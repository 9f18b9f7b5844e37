<?php
// app/Http/Controllers/RecipientsController.php

namespace App\Http\Controllers;

use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Pagination\Cursor;
use Illuminate\Support\Facades\DB;

class RecipientsController
{
    private const PAGE_SIZE = 400; // fewer than 500

    public function __invoke(Request $request): JsonResponse
    {
        $key = (string) config('services.broadcast.key');
        if ($key === '' || !hash_equals($key, (string) $request->header('X-Api-Key'))) {
            return $this->answer(['error' => 'X-Api-Key is missing or wrong'], 401);
        }

        $token = $request->query('next') ?? '';
        $cursor = $this->cursor($token);
        if ($token !== '' && $cursor === null) {
            return $this->answer(['error' => 'next is not a token of this API'], 400);
        }

        $page = DB::table('recipients')
            ->orderBy('id')
            ->cursorPaginate(self::PAGE_SIZE, ['id', 'uid', 'msg'], 'next', $cursor);

        return $this->answer([
            'list' => $page->getCollection()->map(fn ($row) => ['uid' => (string) $row->uid, 'msg' => (string) $row->msg])->values(),
            'next' => $page->hasMorePages() ? $page->nextCursor()->encode() : '',
        ]);
    }

    /** The cursor of a token, or null for one that we never gave. Cursor::fromEncoded would crash for some. */
    private function cursor(mixed $token): ?Cursor
    {
        $text = is_string($token) ? base64_decode(strtr($token, '-_', '+/'), true) : false;
        $values = $text === false ? null : json_decode($text, true);
        $ours = is_array($values) && array_keys($values) === ['id', '_pointsToNextItems']
            && is_int($values['id']) && $values['_pointsToNextItems'] === true;
        return $ours ? new Cursor(['id' => $values['id']]) : null;
    }

    private function answer(array $body, int $status = 200): JsonResponse
    {
        return response()->json($body, $status, ['Cache-Control' => 'no-store'], JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE);
    }
}
