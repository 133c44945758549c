<?php
/**
 * Takes along all that was stored.
 *
 * @package SayhookAudio
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

delete_post_meta_by_key( '_sayhook_audio_url' );
delete_post_meta_by_key( '_sayhook_source_hash' );
