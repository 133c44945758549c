<?php
/** Runs the plugin in the folder that is its argument, and prints what a shop would show, as JSON. */

error_reporting( E_ALL );
set_error_handler(
	function ( $level, $message, $file, $line ) {
		throw new ErrorException( $message, 0, $level, $file, $line );
	}
);

require __DIR__ . '/functions.php';
require "$argv[1]/sayhook-audio.php";

const AUDIO  = 'https://hub.example/a/token.mp3?v=1&x=2';
const ROUTE  = '/wc-sayhook/v1/products';

do_action( 'init' );
do_action( 'rest_api_init' );
do_action( 'before_woocommerce_init' );

$wp['posts'] = array(
	794 => array( 'type' => 'product', 'status' => 'publish' ),
	795 => array( 'type' => 'product', 'status' => 'draft' ),
	796 => array( 'type' => 'page', 'status' => 'publish' ),
	797 => array( 'type' => 'product', 'status' => 'publish', 'password' => 'x' ),
	798 => array( 'type' => 'product', 'status' => 'publish' ),
);
$wp['may']  = array( 794, 795, 796, 797 );
$wp['post'] = 794;

function hooked() {
	ob_start();
	do_action( 'woocommerce_single_product_summary' );
	return ob_get_clean();
}
function code( $attributes = '' ) {
	global $wp;
	return call_user_func( $wp['codes']['sayhook_player'], $attributes );
}
function block( $id ) {
	global $wp;
	return call_user_func( $wp['blocks']['sayhook/player'], array(), '', (object) array( 'context' => array( 'postId' => $id ) ) );
}

$told           = array();
$told['before'] = array( hooked(), code(), block( 794 ) );
$wp['ran']      = array();
$told['stored'] = rest( 'PUT', ROUTE . '/794/audio', array( 'url' => AUDIO, 'source_hash' => "<b>ab12</b>\n" ) );
$told['ran']    = $wp['ran'];
$told['meta']   = $wp['meta'][794];
$told['after']  = array( hooked(), code(), code( array( 'id' => '794' ) ), block( 794 ) );
$told['order']  = array_keys( $wp['hooks']['woocommerce_single_product_summary'] );

$told['refused'] = array(
	rest( 'PUT', ROUTE . '/798/audio', array( 'url' => AUDIO ) ),
	rest( 'PUT', ROUTE . '/796/audio', array( 'url' => AUDIO ) ),
	rest( 'PUT', ROUTE . '/794/audio' ),
	rest( 'PUT', ROUTE . '/794/audio', array( 'url' => 'javascript:alert(1)' ) ),
	rest( 'PUT', ROUTE . '/794/audio', array( 'url' => array( AUDIO ) ) ),
	rest( 'PUT', ROUTE . '/794/audio', array( 'url' => 'hub.example/a/token.mp3' ) ),
	rest( 'PUT', ROUTE . '/798/audio', array( 'id' => 794, 'url' => AUDIO ) ),
	rest( 'GET', ROUTE . '/794/audio' ),
);

foreach ( array( 795, 797 ) as $id ) {
	rest( 'PUT', ROUTE . "/$id/audio", array( 'url' => AUDIO ) );
	$told['hidden'][] = block( $id );
}
$wp['meta'][794]['_sayhook_audio_url'] = '"><script>alert(1)</script>';
$told['hostile']                       = array( hooked(), code() );
$wp['meta'][794]['_sayhook_audio_url'] = 'https://hub.example/"onerror="alert(1)';
$told['quoted']                        = code();

$told['outside'] = apply_filters( 'http_request_host_is_external', false, 'hub.lan' );
define( 'SAYHOOK_HUB', 'https://hub.lan:8443' );
$told['inside'] = array(
	apply_filters( 'http_request_host_is_external', false, 'hub.lan' ),
	apply_filters( 'http_request_host_is_external', false, 'router.lan' ),
	apply_filters( 'http_allowed_safe_ports', array( 443 ), 'hub.lan' ),
	apply_filters( 'http_allowed_safe_ports', array( 443 ), 'router.lan' ),
);

$told['forgotten'] = rest( 'DELETE', ROUTE . '/794/audio' );
$told['gone']      = $wp['meta'][794];
define( 'WP_UNINSTALL_PLUGIN', 'sayhook-audio' );
require "$argv[1]/uninstall.php";
$told['left'] = array_filter( $wp['meta'] );

$stored      = array( 794 => array( '_sayhook_audio_url' => AUDIO, '_price' => '9.90' ) );
$wp['sites'] = array( 1 => $stored, 2 => $stored );
$wp['site']  = 1;
$wp['meta']  = $stored;
require "$argv[1]/uninstall.php";
$told['network'] = array( $wp['site'], $wp['meta'], $wp['sites'][2] );

echo json_encode( $told );
