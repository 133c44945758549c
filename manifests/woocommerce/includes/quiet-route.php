<?php
/**
 * `PUT wc-sayhook/v1/products/{id}/audio`: stores the audio without saving the product.
 *
 * A namespace that begins with `wc-` takes the same consumer key as WooCommerce's own. Meta that is written directly
 * announces nothing: no webhook, no changed date, so the hub hears no echo.
 *
 * @package SayhookAudio
 */

defined( 'ABSPATH' ) || exit;

/** Also DELETE, for a hub that is disconnected. */
function sayhook_audio_register_route() {
	register_rest_route(
		'wc-sayhook/v1',
		'/products/(?P<id>\d+)/audio',
		array(
			array(
				'methods'             => 'PUT',
				'permission_callback' => 'sayhook_audio_route_allowed',
				'callback'            => 'sayhook_audio_store',
				'args'                => array(
					'url'         => array(
						'type'     => 'string',
						'required' => true,
					),
					'source_hash' => array(
						'type'    => 'string',
						'default' => '',
					),
				),
			),
			array(
				'methods'             => 'DELETE',
				'permission_callback' => 'sayhook_audio_route_allowed',
				'callback'            => 'sayhook_audio_forget',
			),
		)
	);
}

/**
 * Whether the key's user may edit this product.
 *
 * @param WP_REST_Request $request The request.
 * @return bool
 */
function sayhook_audio_route_allowed( $request ) {
	return current_user_can( 'edit_post', sayhook_audio_product( $request ) );
}

/**
 * The product that the address names: an `id` in the body would go before it in the request's own list.
 *
 * @param WP_REST_Request $request The request.
 * @return int
 */
function sayhook_audio_product( $request ) {
	$named = $request->get_url_params();
	return (int) $named['id'];
}

/**
 * Stores the address.
 *
 * @param WP_REST_Request $request The request.
 * @return array|WP_Error
 */
function sayhook_audio_store( $request ) {
	$id  = sayhook_audio_product( $request );
	$url = sayhook_audio_clean_url( $request['url'] );
	if ( 'product' !== get_post_type( $id ) ) {
		return new WP_Error( 'sayhook_not_found', 'No such product.', array( 'status' => 404 ) );
	}
	if ( '' === $url ) {
		return new WP_Error( 'rest_invalid_param', 'The url must be an http or https address.', array( 'status' => 400 ) );
	}
	update_post_meta( $id, SAYHOOK_AUDIO_URL, $url );
	update_post_meta( $id, SAYHOOK_AUDIO_HASH, sanitize_text_field( (string) $request['source_hash'] ) );
	return array(
		'id'  => $id,
		'url' => get_post_meta( $id, SAYHOOK_AUDIO_URL, true ),
	);
}

/**
 * Takes the address away.
 *
 * @param WP_REST_Request $request The request.
 * @return array
 */
function sayhook_audio_forget( $request ) {
	$id = sayhook_audio_product( $request );
	delete_post_meta( $id, SAYHOOK_AUDIO_URL );
	delete_post_meta( $id, SAYHOOK_AUDIO_HASH );
	return array( 'id' => $id );
}
