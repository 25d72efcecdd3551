# SPDX-License-Identifier: GPL-3.0-or-later
# Messages read by Perl's MIME::Tools; its warnings are errors.  Takes names of
# files, prints one line of JSON for each.
use strict;
use warnings;
use Encode qw(decode);
use JSON::PP;
use MIME::Base64;
use MIME::Parser;

my $json = JSON::PP->new->canonical->ascii;

sub unfolded {
	my ($value) = @_;
	return undef unless defined $value;
	$value =~ s/\r?\n(?=[ \t])//g;
	$value =~ s/\A\s+|\s+\z//g;
	return decode('MIME-Header', $value);
}

# MIME::Head makes encoded words of RFC 2231.
sub name_of {
	my ($head) = @_;
	my $name = $head->mime_attr('content-disposition.filename');
	return undef unless defined $name;
	return decode('MIME-Header', $name);
}

sub content_of {
	my ($entity) = @_;
	if ($entity->mime_type eq 'message/rfc822' && $entity->parts) {
		return $entity->parts(0)->as_string;
	}
	return $entity->bodyhandle ? $entity->bodyhandle->as_string : '';
}

sub describe {
	my ($entity) = @_;
	my $head = $entity->head;
	my $id = $head->get('Content-ID');
	$id =~ s/[<>\s]//g if defined $id;
	return {
		type => $entity->mime_type,
		charset => $head->mime_attr('content-type.charset'),
		flowed => ($head->mime_attr('content-type.format') // '') eq
			'flowed' ? JSON::PP::true : JSON::PP::false,
		name => name_of($head),
		disposition => $head->mime_attr('content-disposition'),
		id => $id,
		content => encode_base64(content_of($entity), ''),
	};
}

sub leaves {
	my ($entity) = @_;
	return describe($entity) unless $entity->mime_type =~ m{^multipart/};
	return map { leaves($_) } $entity->parts;
}

sub shape {
	my ($entity) = @_;
	return $entity->mime_type
		unless $entity->mime_type =~ m{^multipart/(.*)};
	my $subtype = $1;
	return "$subtype(" . join(',', map { shape($_) } $entity->parts) . ')';
}

sub read_message {
	my ($path) = @_;
	my $parser = MIME::Parser->new;
	$parser->output_to_core(1);
	$parser->tmp_to_core(1);
	my $entity = $parser->parse_open($path);
	my @problems = ($parser->results->errors, $parser->results->warnings);
	die join('; ', @problems) if @problems;
	my %header;
	for my $name ($entity->head->tags) {
		$header{lc $name} = unfolded($entity->head->get($name, 0));
	}
	return { header => \%header, shape => shape($entity),
		parts => [leaves($entity)] };
}

for my $path (@ARGV) {
	my $found = eval { read_message($path) } || { error => "$@" };
	print $json->encode($found), "\n";
}
