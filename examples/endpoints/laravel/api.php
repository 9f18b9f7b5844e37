<?php
// routes/api.php: the address is /api/recipients

use App\Http\Controllers\RecipientsController;
use Illuminate\Support\Facades\Route;

Route::get('/recipients', RecipientsController::class);
