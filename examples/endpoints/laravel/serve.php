<?php
// Not part of your application: the smallest Laravel application around the two files, for the run script.
// It uses the framework that Debian packages; your own application has all of this already.

error_reporting(E_ALL & ~E_DEPRECATED);
ini_set('display_errors', '0');
require 'Illuminate/autoload.php';
require __DIR__ . '/RecipientsController.php';

use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Contracts\Http\Kernel as HttpKernel;
use Illuminate\Foundation\Application;
use Illuminate\Support\Facades\Facade;

$app = new Application(sys_get_temp_dir() . '/laravel-example');
$app->singleton(HttpKernel::class, fn ($app) => new class($app, $app['router']) extends Illuminate\Foundation\Http\Kernel {
    protected $bootstrappers = [];
});
$app->singleton(ExceptionHandler::class, Illuminate\Foundation\Exceptions\Handler::class);
$app->instance('config', new Illuminate\Config\Repository([
    'app' => ['debug' => false, 'env' => 'production', 'locale' => 'en', 'fallback_locale' => 'en'],
    'services' => ['broadcast' => ['key' => getenv('API_KEY')]],
    'database' => ['default' => 'sqlite', 'connections' => ['sqlite' => ['driver' => 'sqlite', 'database' => getenv('DATABASE')]]],
    'logging' => ['default' => 'stderr', 'channels' => ['stderr' => ['driver' => 'errorlog']]],
    'view' => ['paths' => [], 'compiled' => sys_get_temp_dir()],
]));
Facade::setFacadeApplication($app);
foreach ([Illuminate\Filesystem\FilesystemServiceProvider::class, Illuminate\View\ViewServiceProvider::class,
    Illuminate\Database\DatabaseServiceProvider::class, Illuminate\Pagination\PaginationServiceProvider::class,
    Illuminate\Translation\TranslationServiceProvider::class] as $provider) {
    $app->register($provider);
}
$app->boot();
$app['router']->prefix('api')->group(__DIR__ . '/api.php');

$request = Illuminate\Http\Request::capture();
$request->headers->set('Accept', 'application/json'); // what the middleware group "api" expects: errors as JSON
$app->instance('request', $request);
$kernel = $app->make(HttpKernel::class);
$kernel->handle($request)->send();
