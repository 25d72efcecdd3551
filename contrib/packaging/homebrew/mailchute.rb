# SPDX-License-Identifier: GPL-3.0-or-later
# The release's address and sum take the place of the two lines below; a
# checkout is built with --HEAD.
class Mailchute < Formula
  desc "Sendmail that submits to a mail provider"
  homepage "https://mailchute.example/"
  url "https://mailchute.example/mailchute-0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "GPL-3.0-or-later"
  head "https://mailchute.example/mailchute.git", branch: "main"

  depends_on "autoconf" => :build
  depends_on "automake" => :build
  depends_on "pkgconf" => :build
  depends_on "gettext"
  depends_on "gnutls"
  depends_on "jansson"
  depends_on "libgsasl"
  depends_on "libidn2"

  uses_from_macos "curl"

  def install
    system "autoreconf", "--force", "--install" if build.head?
    system "./configure", "--sysconfdir=#{etc}", "--localstatedir=#{var}",
           "--with-libgsasl", "--with-libcurl", "--with-jansson",
           "--disable-lazy-libraries",
           "--with-bash-completion-dir=#{bash_completion}",
           "--with-zsh-completion-dir=#{zsh_completion}",
           "--with-fish-completion-dir=#{fish_completion}",
           "--with-emacs-dir=#{elisp}", *std_configure_args
    system "make"
    system "make", "install"
    doc.install "README", "contrib/packaging/mailchuterc.example"
  end

  # A user's own queue; it needs a configuration with "queue_runner external".
  service do
    run [opt_bin/"mailchute", "queue", "run", "--watch"]
    keep_alive crashed: true
  end

  test do
    assert_match "mailchute #{version}", shell_output("#{bin}/mailchute --version")
    (testpath/".mailchuterc").write <<~EOS
      account default
      host 127.0.0.1
      port 1
      from a@example.org
      syslog off
    EOS
    (testpath/".mailchuterc").chmod 0600
    # Nobody listens on port 1: to be tried again later.
    pipe_output("#{bin}/mailchute b@example.org", "Subject: test\n\ntext\n", 75)
  end
end
