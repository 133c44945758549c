<?php
/**
 * Plugin Name:       Sayhook Audio for WooCommerce
 * Description:       Plays the spoken product description that your Sayhook hub made.
 * Version:           0.1.0
 * Requires at least: 6.5
 * Requires PHP:      7.4
 * Requires Plugins:  woocommerce
 * WC requires at least: 9.0
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       sayhook-audio
 *
 * @package SayhookAudio
 */

defined( 'ABSPATH' ) || exit;

require __DIR__ . '/includes/player.php';
require __DIR__ . '/includes/quiet-route.php';

add_action( 'before_woocommerce_init', 'sayhook_audio_declare_compatibility' );
add_action( 'init', 'sayhook_audio_register' );
add_action( 'rest_api_init', 'sayhook_audio_register_route' );
add_action( 'woocommerce_single_product_summary', 'sayhook_audio_show', 25 );
add_filter( 'http_request_host_is_external', 'sayhook_audio_hub_is_external', 10, 2 );
add_filter( 'http_allowed_safe_ports', 'sayhook_audio_hub_port', 10, 2 );

/** Orders are never touched, so it does not matter how the shop stores them. */
function sayhook_audio_declare_compatibility() {
	if ( class_exists( '\Automattic\WooCommerce\Utilities\FeaturesUtil' ) ) {
		\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'custom_order_tables', __FILE__, true );
	}
}

/** The meta, which is nobody else's to write, the shortcode and the block. */
function sayhook_audio_register() {
	foreach ( array( SAYHOOK_AUDIO_URL, SAYHOOK_AUDIO_HASH ) as $key ) {
		register_post_meta(
			'product',
			$key,
			array(
				'type'              => 'string',
				'single'            => true,
				'show_in_rest'      => false,
				'sanitize_callback' => SAYHOOK_AUDIO_URL === $key ? 'sayhook_audio_clean_url' : 'sanitize_text_field',
				'auth_callback'     => 'sayhook_audio_may_edit',
			)
		);
	}
	add_shortcode( 'sayhook_player', 'sayhook_audio_shortcode' );
	register_block_type( __DIR__ . '/blocks/player', array( 'render_callback' => 'sayhook_audio_block' ) );
}

/**
 * Whether the current user may write a product's audio.
 *
 * @param bool   $allowed What WordPress thinks.
 * @param string $key     The meta key.
 * @param int    $id      The product.
 * @return bool
 */
function sayhook_audio_may_edit( $allowed, $key, $id ) {
	return current_user_can( 'edit_post', $id );
}

/**
 * A hub in the shop's own network: `define( 'SAYHOOK_HUB', 'https://hub.lan:8443' );` in wp-config.php lets WordPress
 * call it, which it otherwise does for public addresses only.
 *
 * @param bool   $external What WordPress thinks.
 * @param string $host     The host it is about to call.
 * @return bool
 */
function sayhook_audio_hub_is_external( $external, $host ) {
	return $external || ( defined( 'SAYHOOK_HUB' ) && wp_parse_url( SAYHOOK_HUB, PHP_URL_HOST ) === $host );
}

/**
 * The same hub's port.
 *
 * @param int[]  $ports What WordPress calls.
 * @param string $host  The host it is about to call.
 * @return int[]
 */
function sayhook_audio_hub_port( $ports, $host = '' ) {
	$port = defined( 'SAYHOOK_HUB' ) ? wp_parse_url( SAYHOOK_HUB, PHP_URL_PORT ) : null;
	$same = $port && wp_parse_url( SAYHOOK_HUB, PHP_URL_HOST ) === $host;
	return $same ? array_merge( $ports, array( $port ) ) : $ports;
}
