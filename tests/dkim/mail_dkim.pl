#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Mail::DKIM's verdict on each RSA signature; arguments and output as dkimpy.py's.
# (Debian 12's knows no Ed25519.)
use strict;
use warnings;
use Mail::DKIM::Verifier;
use Mail::DKIM::PublicKey;

my %records;
open my $lines, '<', shift or die $!;
while (<$lines>) {
	chomp;
	my ($name, $text) = split / /, $_, 2;
	$records{$name} = $text;
}

{
	no warnings 'redefine';
	*Mail::DKIM::PublicKey::fetch_async = sub {
		my ($class, %args) = @_;
		my $name = "$args{Selector}._domainkey.$args{Domain}";
		my $key = $class->parse($records{$name});
		my $success = $args{Callbacks}{Success};
		return sub { $success ? $success->($key) : $key };
	};
}

my $good = 0;
for my $path (@ARGV) {
	my $verifier = Mail::DKIM::Verifier->new;
	open my $message, '<:raw', $path or die $!;
	local $/;
	$verifier->PRINT(<$message>);
	$verifier->CLOSE;
	my @results = map { $_->result_detail }
		grep { $_->algorithm eq 'rsa-sha256' } $verifier->signatures;
	if (@results && $results[0] eq 'pass') {
		$good++;
	} else {
		print "$path @results\n";
	}
}
print "$good\n";
