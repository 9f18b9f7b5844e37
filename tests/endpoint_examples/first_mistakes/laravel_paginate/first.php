<?php

namespace App\Http\Controllers;

use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;

class RecipientsController
{
    public function __invoke(Request $request)
    {
        return DB::table('recipients')->select('id', 'uid', 'msg')->orderBy('id')->paginate(400);
    }
}
