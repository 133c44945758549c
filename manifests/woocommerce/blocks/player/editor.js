/* In the editor the block is a label: the audio belongs to the product that is shown. */
( function ( blocks, element, i18n, blockEditor ) {
	blocks.registerBlockType( 'sayhook/player', {
		edit: function () {
			return element.createElement(
				'p',
				blockEditor.useBlockProps(),
				i18n.__( 'Sayhook player: the product’s audio plays here.', 'sayhook-audio' )
			);
		},
		save: function () {
			return null;
		},
	} );
} )( window.wp.blocks, window.wp.element, window.wp.i18n, window.wp.blockEditor );
