<?php
/**
 * The few functions of WordPress that the plugin calls, as WordPress documents them, over arrays in memory.
 *
 * `$wp` holds posts, meta, who may edit, and every hook that ran: a save of a product would run one.
 */

define( 'ABSPATH', '/' );

$wp = array(
	'posts'  => array(),
	'meta'   => array(),
	'may'    => array(),
	'post'   => 0,
	'hooks'  => array(),
	'ran'    => array(),
	'routes' => array(),
	'codes'  => array(),
	'blocks' => array(),
	'fields' => array(),
);

class WP_Error {
	public $code;
	public $data;
	public function __construct( $code, $message, $data ) {
		$this->code = $code;
		$this->data = $data;
	}
}

/** A body's parameters go before those of the address. */
class WP_REST_Request implements ArrayAccess {
	private $named;
	private $given;
	public function __construct( $named, $body ) {
		$this->named = $named;
		$this->given = array_merge( $named, $body );
	}
	public function get_url_params() {
		return $this->named;
	}
	public function offsetExists( $name ): bool {
		return isset( $this->given[ $name ] );
	}
	#[ReturnTypeWillChange]
	public function offsetGet( $name ) {
		return $this->given[ $name ] ?? null;
	}
	public function offsetSet( $name, $value ): void {
		$this->given[ $name ] = $value;
	}
	public function offsetUnset( $name ): void {
		unset( $this->given[ $name ] );
	}
}

function add_filter( $name, $callback, $priority = 10, $arguments = 1 ) {
	global $wp;
	$wp['hooks'][ $name ][ $priority ][] = array( $callback, $arguments );
}
function add_action( $name, $callback, $priority = 10, $arguments = 1 ) {
	add_filter( $name, $callback, $priority, $arguments );
}
function apply_filters( $name, $value, ...$more ) {
	global $wp;
	$wp['ran'][] = $name;
	ksort( $wp['hooks'][ $name ] );
	foreach ( $wp['hooks'][ $name ] ?? array() as $callbacks ) {
		foreach ( $callbacks as list( $callback, $arguments ) ) {
			$value = call_user_func_array( $callback, array_slice( array( $value, ...$more ), 0, $arguments ) );
		}
	}
	return $value;
}
function do_action( $name ) {
	apply_filters( $name, null );
}
function register_post_meta( $type, $key, $options ) {
	global $wp;
	$wp['fields'][ $key ] = $options;
}
function get_post_meta( $id, $key, $single ) {
	global $wp;
	return $wp['meta'][ $id ][ $key ] ?? '';
}
function update_post_meta( $id, $key, $value ) {
	global $wp;
	$wp['meta'][ $id ][ $key ] = call_user_func( $wp['fields'][ $key ]['sanitize_callback'], $value );
}
function delete_post_meta( $id, $key ) {
	global $wp;
	unset( $wp['meta'][ $id ][ $key ] );
}
function delete_post_meta_by_key( $key ) {
	global $wp;
	foreach ( array_keys( $wp['meta'] ) as $id ) {
		delete_post_meta( $id, $key );
	}
}
/** A network of shops; `$wp['meta']` is the current one's. */
function is_multisite() {
	global $wp;
	return isset( $wp['sites'] );
}
function get_current_blog_id() {
	return 1;
}
function get_sites( $wanted ) {
	global $wp;
	return 'ids' === $wanted['fields'] && 0 === $wanted['number'] ? array_keys( $wp['sites'] ) : array();
}
function switch_to_blog( $site ) {
	global $wp;
	$wp['from'] = $wp['site'];
	$wp['sites'][ $wp['site'] ] = $wp['meta'];
	$wp['site'] = $site;
	$wp['meta'] = $wp['sites'][ $site ];
}
function restore_current_blog() {
	global $wp;
	switch_to_blog( $wp['from'] );
}
function get_post_status( $id ) {
	global $wp;
	return $wp['posts'][ $id ]['status'] ?? false;
}
function get_post_type( $id ) {
	global $wp;
	return $wp['posts'][ $id ]['type'] ?? false;
}
function post_password_required( $id ) {
	global $wp;
	return ! empty( $wp['posts'][ $id ]['password'] );
}
function get_the_ID() {
	global $wp;
	return $wp['post'];
}
function current_user_can( $right, $id ) {
	global $wp;
	return in_array( $id, $wp['may'], true );
}
function add_shortcode( $name, $callback ) {
	global $wp;
	$wp['codes'][ $name ] = $callback;
}
function shortcode_atts( $defaults, $given, $name ) {
	return array_intersect_key( array_merge( $defaults, (array) $given ), $defaults );
}
function register_block_type( $folder, $options ) {
	global $wp;
	$block                           = json_decode( file_get_contents( "$folder/block.json" ), true );
	$wp['blocks'][ $block['name'] ] = $options['render_callback'];
}
function register_rest_route( $space, $route, $endpoints ) {
	global $wp;
	$wp['routes'][ "/$space$route" ] = $endpoints;
}
function __( $text, $domain ) {
	return $text;
}
function esc_html( $text ) {
	return htmlspecialchars( $text, ENT_QUOTES );
}
function esc_attr( $text ) {
	return htmlspecialchars( $text, ENT_QUOTES );
}
function esc_url_raw( $url, $protocols = null ) {
	$url    = '' === $url || preg_match( '|^[^/?#]*:|', $url ) ? $url : "http://$url";
	$url    = preg_replace( '|[^a-z0-9-~+_.?#=!&;,/:%@$\|*\'()\[\]\x80-\xff]|i', '', str_replace( ' ', '%20', trim( $url ) ) );
	$scheme = strtolower( (string) parse_url( $url, PHP_URL_SCHEME ) );
	return in_array( $scheme, $protocols ?? array( 'http', 'https' ), true ) ? $url : '';
}
function esc_url( $url, $protocols = null ) {
	return str_replace( array( '&', "'" ), array( '&#038;', '&#039;' ), esc_url_raw( $url, $protocols ) );
}
function sanitize_text_field( $text ) {
	return trim( preg_replace( '/[\r\n\t ]+/', ' ', strip_tags( $text ) ) );
}
function absint( $value ) {
	return abs( (int) $value );
}
function wp_parse_url( $url, $part = -1 ) {
	return parse_url( $url, $part );
}

/** A REST request, as WordPress' server handles it: method, arguments, permission, callback. */
function rest( $method, $path, $body = array() ) {
	global $wp;
	foreach ( $wp['routes'] as $pattern => $endpoints ) {
		if ( ! preg_match( "@^$pattern\$@", $path, $found ) ) {
			continue;
		}
		foreach ( $endpoints as $endpoint ) {
			if ( $endpoint['methods'] !== $method ) {
				continue;
			}
			$request = new WP_REST_Request( $found, $body );
			foreach ( $endpoint['args'] ?? array() as $name => $argument ) {
				if ( ! isset( $request[ $name ] ) && ! empty( $argument['required'] ) ) {
					return array( 400, 'rest_missing_callback_param' );
				}
				$request[ $name ] = $request[ $name ] ?? $argument['default'];
				if ( ! is_string( $request[ $name ] ) ) {
					return array( 400, 'rest_invalid_param' );
				}
			}
			foreach ( $endpoint['args'] ?? array() as $name => $argument ) {
				if ( 'uri' === ( $argument['format'] ?? '' ) ) {
					$request[ $name ] = esc_url_raw( $request[ $name ] );
				}
			}
			if ( ! call_user_func( $endpoint['permission_callback'], $request ) ) {
				return array( 401, 'rest_forbidden' );
			}
			$answer = call_user_func( $endpoint['callback'], $request );
			return $answer instanceof WP_Error ? array( $answer->data['status'], $answer->code ) : array( 200, $answer );
		}
	}
	return array( 404, 'rest_no_route' );
}
