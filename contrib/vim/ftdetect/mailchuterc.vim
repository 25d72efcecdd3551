" SPDX-License-Identifier: GPL-3.0-or-later
" Which files are mailchute's configuration.
autocmd BufRead,BufNewFile mailchuterc,.mailchuterc,*/mailchute/config,*/mailchute/relay.conf setfiletype mailchuterc
