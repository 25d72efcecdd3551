# SPDX-License-Identifier: GPL-3.0-or-later
# A queue of 200 messages drained over as few connections as may be: refused
# recipients, and messages for one who is and one who is not, strewn in.  Each
# arrives once, under its own sender, or somebody is told.  Runs inside the
# sandbox; knows the folder that bob's mail goes to, and nothing of the server.
#
#	drain_cases NAME BOX LINE...   the lines of the profile
#
# shellcheck shell=sh disable=SC2154

drain_count=200

# drain_is_refused: every seventh is for nobody, and, where the server refuses
# him, every thirteenth is from mallory.
drain_is_refused() {
	[ $((drain_number % 7)) -eq 0 ] || {
		[ -n "${drain_mallory-}" ] && [ $((drain_number % 13)) -eq 0 ]
	}
}

# drain_is_partial: every eleventh is for nobody and bob.
drain_is_partial() {
	[ $((drain_number % 11)) -eq 0 ] && ! drain_is_refused
}

drain_queue() {
	drain_number=1
	while [ $drain_number -le $drain_count ]; do
		drain_to=bob@example.test drain_from=s$drain_number
		! drain_is_partial ||
			drain_to='nobody@example.test bob@example.test'
		[ $((drain_number % 7)) -ne 0 ] ||
			drain_to=nobody@example.test
		[ -z "${drain_mallory-}" ] || [ $((drain_number % 13)) -ne 0 ] ||
			drain_from=mallory
		printf 'Subject: number\n\nnumber %s .\n' $drain_number \
			>"$client/in"
		# shellcheck disable=SC2086 # words
		submit mailchute -f "$drain_from@example.test" $drain_to \
			<"$client/in"
		[ "$status" -eq 0 ] || complain "number $drain_number: $status"
		drain_number=$((drain_number + 1))
	done
}

# drain_wait BOX COUNT: what was accepted is delivered a little later.
drain_wait() {
	drain_tries=300
	until [ "$(find "$1" -type f 2>/dev/null | wc -l)" -ge "$2" ] ||
		[ $drain_tries -eq 0 ]; do
		drain_tries=$((drain_tries - 1))
		sleep 0.1
	done
}

# drain_numbers BOX: what arrived, sorted; with its sender where that is told.
drain_numbers() {
	find "$1" -type f -exec sed -n '
		s/^Return-Path: <s\([0-9]*\)@.*/sender \1/p
		s/^number \([0-9]*\) \..*/\1/p' {} + |
		awk '/sender/ { sender = $2; next }
			{ print $1, (sender == "" || sender == $1 ? "" : \
				"from " sender); sender = "" }' |
		sed 's/ $//' | sort -n
}

# drain_each QUESTION: the numbers that it holds for.
drain_each() {
	drain_number=1
	while [ $drain_number -le $drain_count ]; do
		! "$1" || echo $drain_number
		drain_number=$((drain_number + 1))
	done
}

drain_is_wanted() {
	! drain_is_refused
}

drain_is_told() {
	drain_is_refused || drain_is_partial
}

drain_cases() {
	drain_name=$1 drain_box=$2
	shift 2
	begin "$drain_name: 200 in a drain, refused ones strewn in, each once"
	drain_place=$(lasting_folder) || {
		skip "$drain_name: a drain" 'no disk on which a queue would last'
		return
	}
	drain_disk=$(mktemp -d "$drain_place/mailchute-drain.XXXXXX") || return
	find "$drain_box" -type f -exec rm -f {} +
	client_profile "$@" 'queue always' "queue_dir $drain_disk/q" \
		'queue_runner external'
	drain_queue
	drain_each drain_is_wanted >"$work/drain.want"
	submit mailchute queue run </dev/null
	submit mailchute queue run </dev/null
	drain_wait "$drain_box" "$(wc -l <"$work/drain.want")"
	drain_numbers "$drain_box" >"$work/drain.got"
	check_same 'what arrived' "$work/drain.want" "$work/drain.got"
	check 'who waits' '' "$(find "$drain_disk/q" -maxdepth 1 \
		-name '1??????????????' -printf '%f ')"
	check 'told of a refusal' "$(drain_each drain_is_told | wc -l)" \
		"$(find "$drain_disk/q/failed" \
		-mindepth 1 -maxdepth 1 | wc -l)"
	finish
	rm -rf "$drain_disk"
	find "$drain_box" -type f -exec rm -f {} +
}
