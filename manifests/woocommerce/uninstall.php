<?php
/**
 * Takes along all that was stored, on every site of a network.
 *
 * @package SayhookAudio
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

$sayhook_audio_all   = array(
	'fields' => 'ids',
	'number' => 0,
);
$sayhook_audio_sites = is_multisite() ? get_sites( $sayhook_audio_all ) : array( get_current_blog_id() );
foreach ( $sayhook_audio_sites as $sayhook_audio_site ) {
	if ( is_multisite() ) {
		switch_to_blog( $sayhook_audio_site );
	}
	delete_post_meta_by_key( '_sayhook_audio_url' );
	delete_post_meta_by_key( '_sayhook_source_hash' );
	if ( is_multisite() ) {
		restore_current_blog();
	}
}
