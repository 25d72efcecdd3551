" SPDX-License-Identifier: GPL-3.0-or-later
" How mailchute's configuration is edited: its comments.
if exists('b:did_ftplugin')
	finish
endif
let b:did_ftplugin = 1
setlocal comments=:# commentstring=#\ %s
setlocal formatoptions-=t formatoptions+=croql
let b:undo_ftplugin = 'setlocal comments< commentstring< formatoptions<'
