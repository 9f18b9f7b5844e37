# Who gets which message, page by page. Ruby 3.0 or newer: gem install sinatra sqlite3 webrick rackup
require "base64"
require "json"
require "rack/utils"
require "sinatra/base"
require "sqlite3"

class Recipients < Sinatra::Base
  PAGE_SIZE = 400 # fewer than 500

  disable :show_exceptions, :raise_errors, :static
  enable :dump_errors # to your log, not to the reader

  before do
    content_type :json
    headers "Cache-Control" => "no-store"
  end

  get "/recipients" do # Sinatra answers HEAD with it, too
    stop 401, "X-Api-Key is missing or wrong" unless key_right?(request.get_header("HTTP_X_API_KEY").to_s)
    rows = rows_after(position(params["next"] || ""))
    page = rows.first(PAGE_SIZE)
    JSON.generate(
      list: page.map { |row| { uid: row["uid"].to_s, msg: row["msg"].to_s } },
      next: rows.length > PAGE_SIZE ? token_after(page.last["id"]) : ""
    )
  end

  %i[post put patch delete options].each do |verb|
    send(verb, "/recipients") do
      headers "Allow" => "GET, HEAD"
      stop 405, "only GET is allowed"
    end
  end

  not_found { JSON.generate(error: "no such page") }
  error { JSON.generate(error: "the server has a problem") }

  private

  def stop(status, message)
    halt status, JSON.generate(error: message)
  end

  def key_right?(given)
    wanted = ENV.fetch("API_KEY", "")
    !wanted.empty? && Rack::Utils.secure_compare(given, wanted)
  end

  # The id after which the page begins; 0 for the first page.
  def position(token)
    return 0 if token == ""

    found = /\Aafter:(\d{1,18})\z/.match(Base64.urlsafe_decode64(token)) if token.is_a?(String)
    found ? found[1].to_i : stop(400, "next is not a token of this API")
  rescue ArgumentError # not base64
    stop 400, "next is not a token of this API"
  end

  def token_after(id)
    Base64.urlsafe_encode64("after:#{id}", padding: false)
  end

  def rows_after(id)
    database = SQLite3::Database.new(ENV.fetch("DATABASE", "recipients.db"), readonly: true, results_as_hash: true)
    database.execute("SELECT id, uid, msg FROM recipients WHERE id > ? ORDER BY id LIMIT ?", [id, PAGE_SIZE + 1])
  ensure
    database&.close
  end
end
