#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The other end of 'mailchute send --unsubscribe': README says how it is set up.
reply() {
	printf 'Status: %s\r\nContent-Type: text/html; charset=utf-8\r\n\r\n%s\n' "$1" "$2"
	exit
}
token=$(printf %s "${QUERY_STRING-}" | sed -n 's/^\(.*&\)*t=\([A-Za-z0-9_-]*\).*$/\2/p')
[ "${REQUEST_METHOD-}" = POST ] ||
	reply '200 OK' "<form method=post action='?t=$token'>No more mail from this list? <button name=List-Unsubscribe value=One-Click>Unsubscribe</button></form>"
printf %s "$token" | mailchute suppress --token
case $? in
0) reply '200 OK' 'You get no more mail from this list.' ;;
65) reply '400 Bad Request' 'This link is not complete.' ;;
*) reply '500 Internal Server Error' 'This did not work. Please write to us.' ;;
esac
