<?php
/**
 * The player: between the short description and the cart button, as a shortcode, and as a block.
 *
 * @package SayhookAudio
 */

defined( 'ABSPATH' ) || exit;

const SAYHOOK_AUDIO_URL  = '_sayhook_audio_url';
const SAYHOOK_AUDIO_HASH = '_sayhook_source_hash';

/**
 * The player of a published product; empty where it has no audio.
 *
 * @param int $id The product.
 * @return string
 */
function sayhook_audio_player( $id ) {
	$url = $id ? sayhook_audio_clean_url( get_post_meta( $id, SAYHOOK_AUDIO_URL, true ) ) : '';
	if ( ! $url || 'publish' !== get_post_status( $id ) || post_password_required( $id ) ) {
		return '';
	}
	$label = __( 'Listen to this description', 'sayhook-audio' );
	return sprintf(
		'<figure class="sayhook-audio"><figcaption>%s</figcaption><audio controls preload="none" aria-label="%s" src="%s"></audio></figure>',
		esc_html( $label ),
		esc_attr( $label ),
		esc_url( $url, array( 'https', 'http' ) )
	);
}

/** Between short description (20) and add-to-cart (30). */
function sayhook_audio_show() {
	echo sayhook_audio_player( get_the_ID() ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- escaped where it is made.
}

/**
 * `[sayhook_player]`, or `[sayhook_player id="794"]`.
 *
 * @param array|string $attributes The shortcode's.
 * @return string
 */
function sayhook_audio_shortcode( $attributes ) {
	$attributes = shortcode_atts( array( 'id' => get_the_ID() ), $attributes, 'sayhook_player' );
	return sayhook_audio_player( absint( $attributes['id'] ) );
}

/**
 * The block, in a product's template.
 *
 * @param array         $attributes The block's; there are none.
 * @param string        $content    What is inside; nothing.
 * @param WP_Block|null $block      The block, which knows its product.
 * @return string
 */
function sayhook_audio_block( $attributes, $content = '', $block = null ) {
	$id = isset( $block->context['postId'] ) ? $block->context['postId'] : get_the_ID();
	return sayhook_audio_player( (int) $id );
}

/**
 * An address with http or https, or nothing; WordPress alone would put http before what is no address.
 *
 * @param mixed $url What was given.
 * @return string
 */
function sayhook_audio_clean_url( $url ) {
	$whole = is_string( $url ) && preg_match( '#^https?://[^/]#i', trim( $url ) );
	return $whole ? esc_url_raw( $url, array( 'https', 'http' ) ) : '';
}
