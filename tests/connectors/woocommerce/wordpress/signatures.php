<?php
/** Signs as WooCommerce does (`WC_Webhook::generate_signature`): cases as JSON in, signatures as JSON out. */

$signed = array();
foreach ( json_decode( stream_get_contents( STDIN ), true ) as list( $secret, $body ) ) {
	$key      = htmlspecialchars_decode( $secret, ENT_QUOTES ); // wp_specialchars_decode( …, ENT_QUOTES )
	$signed[] = base64_encode( hash_hmac( 'sha256', base64_decode( $body ), $key, true ) );
}
echo json_encode( $signed );
