# SPDX-License-Identifier: GPL-3.0-or-later
# The page behind one-click unsubscribe, in PHP's own web server on loopback.
# Runs inside the sandbox: sh unsubscribe_cases.sh FOLDER-OF-THIS-FILE
# shellcheck shell=sh disable=SC2154
set -u
here=$1
# shellcheck source=tests/lib/tap.sh
. "$here/../lib/tap.sh"
# shellcheck source=tests/lib/client.sh
. "$here/../lib/client.sh"

work=/run/test
mkdir -p "$work/client" "$work/path" "$work/www"
client_open "$work/client"
client_profile 'host 127.0.0.1' 'from news@example.test' \
	"suppress $work/list" 'queue off'
printf '# caller %s|%s\n' "PHP's web server, one-click unsubscribe" php-cli
cp "$here/../../contrib/unsubscribe/unsubscribe.php" "$work/www"
printf '#!/bin/sh\nexec %s -C %s "$@"\n' "$MAILCHUTE" "$client/profile" \
	>"$work/path/mailchute"
chmod 755 "$work/path/mailchute"

PATH=$work/path:$PATH php -n -S 127.0.0.1:8080 -t "$work/www" \
	>"$work/php.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null' EXIT
tries=0
until grep -q 'Development Server' "$work/php.log" || [ "$tries" -gt 100 ]; do
	tries=$((tries + 1))
	sleep 0.05
done

# ask METHOD QUERY [BODY]: the answer in the file answer, its status printed.
ask() {
	METHOD=$1 QUERY=$2 BODY=${3-} php -n -r '
		$page = file_get_contents("http://127.0.0.1:8080/unsubscribe.php?"
			. getenv("QUERY"), false, stream_context_create(["http" => [
			"method" => getenv("METHOD"), "ignore_errors" => true,
			"header" => "Content-Type: application/x-www-form-urlencoded",
			"content" => getenv("BODY")]]));
		echo $page;
		fwrite(STDERR, explode(" ", $http_response_header[0])[1]);' \
		>"$work/answer" 2>"$work/status"
	cat "$work/status"
}

listed() {
	cut -f1 "$work/list" 2>/dev/null
}

submit mailchute send bob@example.test x --dry-run \
	--unsubscribe 'https://example.test/unsubscribe.php?t={{token}}'
token=$(sed -n 's/.*?t=\([A-Za-z0-9_-]*\).*/\1/p' "$client/out" | head -n 1)

begin 'GET asks, and does nothing'
check 'exit code' 0 "$status"
check 'status' 200 "$(ask GET "t=$token")"
check_match 'a form' "<form method=\"post\" action=\"\?t=$token\">" "$work/answer"
check 'nobody is off' '' "$(listed)"
check 'HEAD' 200 "$(ask HEAD "t=$token")"
check 'nobody is off' '' "$(listed)"
finish

begin 'the POST of a mail program takes off'
check 'status' 200 "$(ask POST "t=$token" List-Unsubscribe=One-Click)"
check 'the list' bob@example.test "$(listed)"
check 'once more' 200 "$(ask POST "t=$token" List-Unsubscribe=One-Click)"
check 'the list' bob@example.test "$(listed)"
finish

begin 'what is no token of ours'
for query in '' t= t=x "t=x$token" "t=${token}A" 't[]=a' 't=%00' \
	't=%3Cscript%3E'; do
	check "$query" 400 "$(ask POST "$query" List-Unsubscribe=One-Click)"
done
check 'no markup' 200 "$(ask GET 't=%22%3E%3Cscript%3E')"
check_no_match 'no markup' '<script' "$work/answer"
check 'the list' bob@example.test "$(listed)"
finish

begin 'trouble is ours to tell'
chmod 644 "$work/list.key"
check 'status' 500 "$(ask POST "t=$token" List-Unsubscribe=One-Click)"
chmod 600 "$work/list.key"
check_match 'the log says why' 'list.key' "$work/php.log"
finish
summary
