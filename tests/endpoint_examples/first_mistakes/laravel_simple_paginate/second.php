<?php

namespace App\Http\Controllers;

use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;

class RecipientsController
{
    public function __invoke(Request $request)
    {
        $page = DB::table('recipients')->select('id', 'uid', 'msg')->orderBy('id')->simplePaginate(400);
        return response()->json(['list' => array_map(fn ($row) => ['uid' => $row->uid, 'msg' => $row->msg], $page->items()), 'next' => $page->nextPageUrl() ?? '']);
    }
}
