# SPDX-License-Identifier: GPL-3.0-or-later
# Messages that the shell suites send, and what of them must arrive.
#
# shellcheck shell=sh

# message_plain: a complete one, every header field present.
message_plain() {
	cat <<-'END'
		From: Alice <alice@example.test>
		To: bob@example.test
		Subject: a plain message
		Date: Tue, 10 Nov 2026 12:00:00 +0100
		Message-ID: <plain@example.test>

		Dear Bob,

		all is well.
		--
		Alice
	END
}

# message_with BODY-FILE [COMMAND]: the command prints further header fields.
message_with() {
	${2-:}
	message_plain | sed '/^$/q'
	cat "$1"
}

# message_mime: the header fields of a body that nobody may touch.
message_mime() {
	printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n'
	printf 'Content-Transfer-Encoding: 8bit\n'
}

# message_head FILE, message_body FILE
message_head() {
	LC_ALL=C sed '/^\r*$/,$d' "$1"
}

message_body() {
	LC_ALL=C sed '1,/^$/d' "$1"
}

# message_lines FILE: as a mailbox keeps it: LF, also at the end and for a CR.
message_lines() {
	LC_ALL=C sed 's/\r*$//' "$1" | tr '\r' '\n'
	[ ! -s "$1" ] || [ "$(tail -c 1 "$1" | od -An -to1 | tr -d ' ')" = 012 ] ||
		echo
}

body_dots() {
	printf '.\n..\n.leading\n..two\n \n.\n.\nin the . middle\n.\n'
}

body_eight_bit() {
	printf 'Gr\303\274\303\237e aus K\303\266ln\n\342\202\254 100\n'
}

body_latin() {
	printf 'Gr\374\337e \200\201\377\376 end\n'
}

body_long_lines() {
	awk 'function line(n, i) {
		for (i = 1; i <= n; i++)
			printf "%c", 97 + i % 26
		printf "\n"
	}
	BEGIN { line(998); line(999); line(1); line(20000); line(1000) }'
}

body_crlf() {
	printf 'one\r\n.two\r\n\r\nthree\r\n'
}

body_mixed() {
	printf 'one\ntwo\r\nthree\n\r\nfour\r\r\n.\r\nfive\n'
}

body_bare() {
	printf 'a\rb\r\r\nc\n.\rd\r.\r\n\r.\n.\n'
}

body_no_newline() {
	printf 'one\ntwo'
}

body_empty() {
	:
}

body_blank_lines() {
	printf '\n\n\n'
}

body_from_line() {
	printf 'From here to there\n>From there\nFrom \n'
}

# Dots, odd lengths and a size that is no multiple of any buffer.
body_ten_megabytes() {
	awk 'BEGIN {
		srand(4)
		for (sum = 0; sum < 10485777; sum += length(line) + 1) {
			line = rand() < 0.1 ? "." : ""
			n = int(rand() * 12)
			for (i = 0; i < n; i++)
				line = line sprintf("%08x", rand() * 4294967295)
			print line
		}
	}'
}
