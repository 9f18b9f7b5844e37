require_relative "recipients"
run Recipients
